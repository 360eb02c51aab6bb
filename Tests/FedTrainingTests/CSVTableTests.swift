// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation
import Testing

@Suite struct CSVTableTests {
    private static func load(
        _ files: [String: String], path: String = "", label: String? = "y", schema: String? = nil
    ) throws -> DatasetSplit {
        try TemporaryFolder.with(files.mapValues { Array($0.utf8) }) { folder in
            try DatasetRegistry.load(
                DatasetSource(
                    name: "csv", path: folder + "/" + path, label: label, schema: schema.map { folder + "/" + $0 }))
        }
    }

    private static func message(
        _ files: [String: String], path: String = "", label: String? = "y", schema: String? = nil
    ) -> String {
        let error = #expect(throws: TrainingError.self) {
            try load(files, path: path, label: label, schema: schema)
        }
        return error?.message ?? ""
    }

    /// Patients with a number, one that is sometimes missing, a text, a hospital and a label.
    private static func patients(_ count: Int, seed: UInt64) -> [String] {
        var generator = SeededGenerator(key: seed)
        return (0..<count).map { _ in
            let age = 20 + generator.nextIndex(below: 700)
            let pressure = generator.nextIndex(below: 4) == 0 ? "?" : "\(Double(generator.nextIndex(below: 9000)) / 8)"
            let pain = ["none", "some", "\"much, \"\"very\"\"\"", ""][generator.nextIndex(below: 4)]
            return "\(age),\(pressure),\(pain),h\(generator.nextIndex(below: 3)),\(generator.nextIndex(below: 2))"
        }
    }

    private static let header = "age,pressure,pain,hospital,y\n"

    @Test func trainingColumnsAreStandardized() throws {
        let rows = Self.patients(400, seed: 1)
        let data = try Self.load(["p.csv": Self.header + rows.joined(separator: "\n")], path: "p.csv")
        #expect(data.train.count + data.test.count == 400)
        // One in five of each class, except for equal rows.
        #expect((79...80).contains(data.test.count) || data.test.count == 78)
        // age, pressure, four categories of pain ("" for missing), three hospitals.
        #expect(data.train.input == InputShape(channels: 9, height: 1, width: 1))
        for column in 0..<2 {
            let values = (0..<data.train.count).map { Double(data.train.example(at: $0)[column]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(mean) < 1e-6)
            // Of `pressure` missing values are at the mean, so that the deviation of all is smaller.
            let present = Double(values.count { $0 != 0 }) / Double(values.count)
            #expect(abs(variance - (column == 0 ? 1 : present)) < 1e-5)
        }
        for part in [data.train, data.test] {
            for index in 0..<part.count {
                let example = part.example(at: index)
                #expect(example[2..<6].reduce(0, +) == 1 && example[6..<9].reduce(0, +) == 1)
            }
        }
        #expect(data.schema?.columns.map(\.kind) == [.numeric, .numeric, .categorical, .categorical, .label])
        #expect(data.schema?.columns[2].categories == ["", "much, \"very\"", "none", "some"])
        #expect(data.train.attributes.map(\.name) == ["pain", "hospital"])
        #expect(data.train.attribute(named: "hospital")?.values == ["h0", "h1", "h2"])
        #expect(data.train.attribute(named: "pain")?.values == ["(missing)", "much, \"very\"", "none", "some"])
    }

    @Test func theOrderOfRowsDecidesNothing() throws {
        var rows = Self.patients(200, seed: 2)
        // Equal rows must not be on both sides.
        rows += rows.prefix(40)
        var shuffled = rows
        var generator = SeededGenerator(key: 3)
        generator.shuffle(&shuffled)
        func testRows(_ rows: [String]) throws -> Set<[Float]> {
            // A schema that keeps values apart and is the same for both orders.
            let schema = CSVSchema(columns: [
                .init(name: "age", kind: .numeric, mean: 0, std: 1),
                .init(name: "pressure", kind: .numeric, mean: 0, std: 1),
                .init(name: "pain", kind: .categorical, categories: ["", "much, \"very\"", "none", "some"]),
                .init(name: "hospital", kind: .categorical, categories: ["h0", "h1", "h2"]),
            ])
            return try TemporaryFolder.with(["p.csv": Array((Self.header + rows.joined(separator: "\n")).utf8)]) {
                try schema.save(to: $0 + "/s.json")
                let data = try DatasetRegistry.load(
                    DatasetSource(name: "csv", path: $0 + "/p.csv", label: "y", schema: $0 + "/s.json"))
                let test = Set((0..<data.test.count).map { data.test.example(at: $0) + [Float(data.test.labels[$0])] })
                let train = (0..<data.train.count).map { data.train.example(at: $0) + [Float(data.train.labels[$0])] }
                #expect(test.isDisjoint(with: train))
                #expect(data.test.count > 30)
                return test
            }
        }
        let first = try testRows(rows)
        #expect(try testRows(shuffled) == first)
        #expect(try testRows(rows.sorted()) == first)
    }

    @Test func testRowsUseWhatTrainingRowsSay() throws {
        let data = try Self.load([
            "train.csv": "a,b,y\n1,x,0\n3,y,1\n,x,0\n", "test.csv": "y,b,a\n1,z,5\n0,NA,NA\n1,y,2\n",
        ])
        let half = Float(1)
        // Mean 2, deviation 1; the missing value is the mean; categories x and y.
        #expect(data.train.values == .floats([-half, 1, 0, half, 0, 1, 0, 1, 0]))
        #expect(data.test.values == .floats([3, 0, 0, 0, 0, 0, 0, 0, 1]))
        #expect(data.test.labels == [1, 0, 1])
        #expect(data.schema?.columns[0].mean == 2 && data.schema?.columns[0].std == 1)
        // Both parts share the values of an attribute.
        #expect(data.train.attribute(named: "b")?.values == ["(missing)", "x", "y", "z"])
        #expect(data.train.attribute(named: "b")?.codes == [1, 2, 1])
        #expect(data.test.attribute(named: "b")?.codes == [3, 0, 2])
        // Few different numbers make an attribute as well.
        #expect(data.train.attribute(named: "a")?.values == ["(missing)", "1", "2", "3", "5"])
    }

    @Test func aMissingCategoryOfTrainingIsItsOwn() throws {
        let data = try Self.load(["train.csv": "b,y\nx,0\n?,1\nx,0", "test.csv": "b,y\n,1\nx,0"])
        #expect(data.train.values == .floats([0, 1, 1, 0, 0, 1]) && data.test.values == .floats([1, 0, 0, 1]))
    }

    @Test func labelsAreNumbersOrSortedTexts() throws {
        let numbers = try Self.load(["train.csv": "a,y\n1,3\n2,0", "test.csv": "a,y\n1,2"])
        #expect(numbers.train.classes == 4 && numbers.train.labels == [3, 0] && numbers.test.labels == [2])
        #expect(numbers.train.classNames == ["0", "1", "2", "3"])
        let texts = try Self.load(["train.csv": "a,y\n1,sick\n2,healthy\n3,10", "test.csv": "a,y\n1,healthy"])
        #expect(texts.train.classNames == ["10", "healthy", "sick"])
        #expect(texts.train.labels == [2, 1, 0] && texts.test.labels == [1])
    }

    @Test func aConstantColumnIsZero() throws {
        let data = try Self.load(["train.csv": "a,b,y\n7,1,0\n7,2,1", "test.csv": "a,b,y\n9,1,0"])
        #expect(data.train.values == .floats([0, -1, 0, 1]) && data.test.values == .floats([0, -1]))
    }

    @Test func columnsWithoutNameAndTextsOfEveryRowAreNoInputs() throws {
        let rows = (0..<100).map { "\($0),name \($0),\($0 % 7),\($0 % 2)" }.joined(separator: "\n")
        let data = try Self.load(["train.csv": ",name,a,y\n" + rows, "test.csv": ",name,a,y\n1,b,2,1"])
        #expect(data.train.input.count == 1)
        #expect(data.train.attribute(named: "name")?.values.count == 101)
        #expect(data.schema?.columns.map(\.kind) == [.attribute, .numeric, .label])
    }

    @Test func silosWithOneSchemaAgree() throws {
        let rows = Self.patients(100, seed: 4)
        let here = Self.header + rows.prefix(50).joined(separator: "\n")
        // Another order of columns, another column, one hospital only.
        let there = "y,extra,hospital,pain,pressure,age\n1,9,h1,none,,30\n0,9,h1,some,5,70\n"
        try TemporaryFolder.with([
            "here.csv": Array(here.utf8), "train.csv": Array(there.utf8), "test.csv": Array(there.utf8),
        ]) {
            let schema = try CSVSchema.derive(from: $0 + "/here.csv", label: "y")
            #expect(schema.isComplete)
            try schema.save(to: $0 + "/schema.json")
            #expect(try CSVSchema.load(from: $0 + "/schema.json") == schema)
            let plain = try DatasetRegistry.load(DatasetSource(name: "csv", path: $0 + "/here.csv", label: "y"))
            let same = try DatasetRegistry.load(
                DatasetSource(name: "csv", path: $0 + "/here.csv", label: "y", schema: $0 + "/schema.json"))
            #expect(plain.train.values == same.train.values && plain.test.values == same.test.values)
            #expect(plain.schema?.fingerprint == schema.fingerprint && same.schema == schema)
            let other = try DatasetRegistry.load(
                DatasetSource(name: "csv", path: $0, schema: $0 + "/schema.json"))
            #expect(other.schema == schema && other.train.input == plain.train.input)
            let age = try #require(schema.columns.first)
            let expected = (30 - (age.mean ?? 0)) / (age.std ?? 0)
            #expect(other.train.example(at: 0)[0] == Float(expected))
            // Without it, the same file has other inputs and another fingerprint.
            let alone = try DatasetRegistry.load(DatasetSource(name: "csv", path: $0, label: "y"))
            #expect(alone.train.input != plain.train.input)
            #expect(alone.schema?.fingerprint != schema.fingerprint)
        }
    }

    @Test func anIncompleteSchemaIsCompletedFromTraining() throws {
        let schema =
            #"{"columns": [{"name": "zip", "kind": "categorical"}, {"name": "ward", "kind": "attribute"}, "#
            + #"{"name": "a", "kind": "numeric", "attribute": false}, {"name": "id", "kind": "ignored"}]}"#
        let data = try Self.load(
            [
                "train.csv": "id,a,zip,ward,y\n1,0,20,5,0\n2,4,10,6,1", "test.csv": "a,zip,ward,y\n2,10,7,1",
                "s.json": schema,
            ], schema: "s.json")
        #expect(data.train.values == .floats([0, 1, -1, 1, 0, 1]) && data.test.values == .floats([1, 0, 0]))
        #expect(data.train.attributes.map(\.name) == ["ward"])
        #expect(data.schema?.columns.map(\.name) == ["zip", "ward", "a", "id", "y"])
        #expect(data.schema?.isComplete == true)
    }

    @Test func fingerprintsAreStableAndTellSchemasApart() {
        let column = CSVSchema.Column(name: "a", kind: .numeric, mean: 1, std: 2)
        let base = CSVSchema(columns: [column, .init(name: "b", kind: .categorical, categories: ["x", "yz"])])
        #expect(base.fingerprint == "8fa3ab8c284e3a03")
        var others = [base.fingerprint]
        for change in [
            CSVSchema.Column(name: "b", kind: .categorical, categories: ["xy", "z"]),
            .init(name: "b", kind: .categorical, categories: ["yz", "x"]), .init(name: "b", kind: .categorical),
            .init(name: "c", kind: .categorical, categories: ["x", "yz"]),
            .init(name: "b", kind: .label, categories: ["x", "yz"]),
            .init(name: "b", kind: .categorical, categories: ["x", "yz"], attribute: true),
        ] {
            others.append(CSVSchema(columns: [column, change]).fingerprint)
        }
        others.append(
            CSVSchema(columns: [.init(name: "a", kind: .numeric, mean: 1, std: 2.5), base.columns[1]]).fingerprint)
        #expect(Set(others).count == others.count)
    }

    @Test(arguments: [
        ("a,b,y\n1,2,0\n1,2\n", "line 3 has 2 fields, but the header names 3"),
        ("a,b,y\n1,2,0\n\"1\n\",2,0,4\n", "line 3 has 4 fields"),
        ("a,a,y\n1,2,0\n", "names column a twice"), ("", "is empty"), ("a,y\n", "no rows behind its header"),
        ("a,y\n1,0\nnan,1\n", "line 3, column a: NaN or infinity"),
        ("a,y\n1,0\n-INF,1\n", "line 3, column a: NaN or infinity"),
        ("a,y\n1,0\n1e999,1\n", "line 3, column a: NaN or infinity"),
        ("a,y\n1,0\n2,1\n3x,1\n", "line 4, column a holds text where most rows hold numbers"),
        ("a,y\n1,0\n2,\n", "line 3, column y: the label is missing"),
        ("a,y\n1,0\n2,-1\n", "line 3, column y: a label that is a number must be 0 to 999"),
        ("a,y\n1,0\n2,1000\n", "line 3, column y: a label that is a number must be 0 to 999"),
        ("a,y\n1,0\n\"2,1\n", "line 3: field 1 begins with a quote that is never closed"),
        ("a,y\n1,0\n2\"2,1\n", "line 3: a quote is neither"), ("a,y\n1,0\n\"2\"2,1\n", "line 3: a quote is neither"),
        ("a,y\n1e308,0\n-1e308,1\n", "column a: the numbers are too large"), ("y\n1\n", "gives 0 inputs"),
        ("a,outcome\n1,0\n", "no column \"y\""),
    ])
    func damageIsNamed(_ text: String, _ says: String) {
        let message = Self.message(["train.csv": text, "test.csv": "a,b,y\n1,2,0\n"])
        #expect(message.contains(says) && message.contains("train.csv"), "\(message)")
    }

    @Test func damageOfTestFilesIsNamed() {
        let train = "a,b,y\n1,x,0\n2,x,1\n"
        for (test, says) in [
            ("a,y\n1,0", "no column \"b\""), ("a,b,y\n1,x,2", "line 2, column y: the label is none of the 2 classes"),
            ("a,b,y\n1,x,0\nten,x,0", "line 3, column a: this is no number"), ("a,b,y\n", "no rows"),
            ("a,b,y\n1e300,x,0", "line 2, column a: the number is too large"),
        ] {
            let message = Self.message(["train.csv": train, "test.csv": test])
            #expect(message.contains(says) && message.contains("test.csv"), "\(message)")
        }
        #expect(Self.message(["train.csv": train]).contains("test.csv"))
    }

    @Test func bytesThatAreNoTextAreNamed() throws {
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with([
                "train.csv": [0x61, 0x2C, 0x79, 10, 0x31, 0x2C, 0x30, 10, 0x31, 0xFF, 0x2C, 0x31],
                "test.csv": Array("a,y\n1,0".utf8),
            ]) {
                try DatasetRegistry.load(DatasetSource(name: "csv", path: $0, label: "y"))
            }
        }
        #expect(error?.message.contains("line 3: field 1 is not UTF-8") == true)
    }

    @Test func linksAreFollowedAndPipesRefused() throws {
        let table = "a,y\n" + (0..<40).map { "\($0),\($0 % 2)\n" }.joined()
        try TemporaryFolder.with(["p.csv": Array(table.utf8)]) { folder in
            let link = folder + "/link.csv"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder + "/p.csv")
            let data = try DatasetRegistry.load(DatasetSource(name: "csv", path: link, label: "y"))
            #expect(data.train.count + data.test.count == 40)
        }
        let error = #expect(throws: TrainingError(.invalidFile, "")) {
            try DatasetRegistry.load(DatasetSource(name: "csv", path: "/dev/null", label: "y"))
        }
        #expect(error?.message.contains("/dev/null is a pipe or a device") == true)
    }

    @Test func missingThingsAreExplained() {
        let files = ["p.csv": "age,sex,outcome\n1,2,0\n"]
        let message = Self.message(files, path: "p.csv", label: "outcom")
        #expect(message.contains("did you mean outcome? Known are age, sex, outcome"))
        #expect(Self.message(files, path: "p.csv", label: nil).contains("label: outcome"))
        #expect(Self.message(files, path: "q.csv").contains("there is no file"))
        #expect(Self.message(files, path: "p.csv", label: "outcome").contains("too few different rows to test with"))
        #expect(throws: TrainingError(.missingFile, "")) { try DatasetRegistry.load(DatasetSource(name: "csv")) }
    }

    @Test(arguments: [
        ("{", "it is not JSON"), ("{}", "columns is missing at its top"),
        (#"{"columns": [{"name": "a"}]}"#, "kind is missing at columns.[0]"),
        (#"{"columns": [{"name": "a", "kind": "number"}]}"#, "wrong value at columns.[0].kind"),
        (#"{"columns": [{"name": 7, "kind": "numeric"}]}"#, "wrong type at columns.[0].name"),
        (#"{"columns": [{"name": "a", "kind": "numeric"}, {"name": "a", "kind": "label"}]}"#, "column a twice"),
        (#"{"columns": [{"name": "a", "kind": "label"}, {"name": "y", "kind": "label"}]}"#, "more than one label"),
        (#"{"columns": [{"name": "a", "kind": "numeric", "std": -1}]}"#, "a std below 0"),
        (#"{"columns": [{"name": "a", "kind": "categorical", "categories": ["x", "x"]}]}"#, "a category twice"),
        (#"{"columns": [{"name": "y", "kind": "label", "categories": []}]}"#, "no classes"),
        (#"{"columns": [{"name": "a", "kind": "numeric", "maen": 1}]}"#, "no key columns.[0].maen"),
        (#"{"columns": [], "colunms": []}"#, "no key colunms"),
        (#"{"columns": [{"name": "a", "kind": "numeric", "categories": ["x"]}]}"#, "is numeric and has no categories"),
        (#"{"columns": [{"name": "a", "kind": "categorical", "mean": 1}]}"#, "is categorical and has no mean"),
        (#"{"columns": [{"name": "y", "kind": "label", "std": 1}]}"#, "is label and has no std"),
    ])
    func schemasAreChecked(_ json: String, _ says: String) {
        let message = Self.message(["p.csv": "a,y\n1,0\n", "s.json": json], path: "p.csv", schema: "s.json")
        #expect(message.contains("s.json is not a schema") && message.contains(says), "\(message)")
    }

    @Test func schemaAndLabelMustAgree() {
        let files = ["p.csv": "a,y,z\n1,0,1\n", "s.json": #"{"columns": [{"name": "z", "kind": "label"}]}"#]
        #expect(Self.message(files, path: "p.csv", schema: "s.json").contains("but by the schema"))
        let numeric = ["p.csv": "a,y\n1,0\n", "s.json": #"{"columns": [{"name": "y", "kind": "numeric"}]}"#]
        #expect(Self.message(numeric, path: "p.csv", schema: "s.json").contains("that is numeric"))
    }

    @Test func quotesLineBreaksAndMarksAreRead() throws {
        let text = "\u{FEFF}\"a\",\"the \"\"b\"\"\" , y\r\n\r\n 1 ,\"x\r\ny\",0\r\n\t2,\"\",1\r\n\"3\",\"x,\"\"\",\"1\""
        let data = try Self.load(["train.csv": text, "test.csv": "a,\"the \"\"b\"\"\",y\n2,\"x\r\ny\",1\n"])
        #expect(data.schema?.columns.map(\.name) == ["a", "the \"b\"", "y"])
        #expect(data.schema?.columns[1].categories == ["", "x\r\ny", "x,\""])
        #expect(data.train.labels == [0, 1, 1])
        #expect(data.test.values == .floats([0, 0, 1, 0]))
    }

    /// Random bytes of the alphabet that matters never do anything but give records or a sentence.
    @Test func anythingIsReadOrRefused() {
        var generator = SeededGenerator(key: 5)
        let alphabet = Array("a,y\"\n\r \t01.e-?NAn".utf8) + [0xFF, 0xC3, 0xA9, 0]
        var read = 0
        var refused = 0
        for _ in 0..<20_000 {
            let length = generator.nextIndex(below: 30)
            let bytes = (0..<length).map { _ in alphabet[generator.nextIndex(below: alphabet.count)] }
            var records = CSVRecords(bytes, path: "x")
            let lines = bytes.count { $0 == 10 } + 1
            do throws(TrainingError) {
                var fields = 0
                while try records.next() {
                    #expect((1...lines).contains(records.line) && records.count >= 1)
                    for field in 0..<records.count { fields += try records.text(field).utf8.count }
                }
                #expect(fields <= bytes.count)
                read += 1
            } catch {
                #expect(error.message.contains("line "))
                refused += 1
            }
        }
        #expect(read > 1000 && refused > 1000)
    }

    /// What is written by the rules is read as it was.
    @Test func quotedFieldsSurvive() throws {
        var generator = SeededGenerator(key: 6)
        let alphabet = Array("a,\"\n\r \té\u{301}".unicodeScalars)
        for _ in 0..<2000 {
            let rows = (0..<(1 + generator.nextIndex(below: 3))).map { _ in
                (0..<(1 + generator.nextIndex(below: 4))).map { _ in
                    var text = String.UnicodeScalarView()
                    for _ in 0..<generator.nextIndex(below: 6) {
                        text.append(alphabet[generator.nextIndex(below: alphabet.count)])
                    }
                    return String(text)
                }
            }
            let written = rows.map { row in
                row.map { field in
                    var quoted = String.UnicodeScalarView()
                    for scalar in field.unicodeScalars { quoted += scalar == "\"" ? [scalar, scalar] : [scalar] }
                    return "\"" + String(quoted) + "\""
                }.joined(separator: ",")
            }
            var records = CSVRecords(Array(written.joined(separator: "\r\n").utf8), path: "x")
            for row in rows {
                #expect(try records.next())
                let read = try (0..<records.count).map { Array(try records.text($0).utf8) }
                #expect(read == row.map { Array($0.utf8) })
            }
            #expect(try !records.next())
        }
    }
}
