// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct PublishedImagesTests {
    struct Published: Sendable, CustomTestStringConvertible {
        var name: String
        var folder: String
        var input: InputShape
        var counts: [Int]
        /// The checksum of the first part's values as bytes, [image][channel][row][column].
        var checksum: UInt32
        var testDescription: String { name }
    }

    /// Checksums of the files as NumPy reads them.
    static let published = [
        Published(
            name: "mnist", folder: "mnist", input: InputShape(channels: 1, height: 28, width: 28),
            counts: [60_000, 10_000], checksum: 0xF363_9B56),
        Published(
            name: "usps", folder: "usps", input: InputShape(channels: 1, height: 16, width: 16), counts: [7291, 2007],
            checksum: 0xE5D3_B32F),
        Published(
            name: "mnist-m", folder: "mnist_m", input: InputShape(channels: 3, height: 32, width: 32),
            counts: [7438, 1860], checksum: 0x95EC_84E7),
    ]

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"), arguments: published)
    func publishedFilesHoldTheirPixels(_ published: Published) throws {
        let data = try DatasetRegistry.load(
            DatasetSource(name: published.name, path: RealData.path(published.folder)))
        #expect([data.train.count, data.test.count] == published.counts)
        #expect(data.train.input == published.input && data.test.input == published.input)
        #expect(data.train.classes == 10 && data.train.classNames == (0..<10).map { String($0) })
        guard case .bytes(let bytes) = data.train.values else {
            Issue.record("pixels are not bytes")
            return
        }
        #expect(RealData.crc32(bytes) == published.checksum)
    }

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func svhnIsDividedAsUsual() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "svhn", path: RealData.path("svhn")))
        #expect(data.train.count == 743 && data.test.count == 340)
        guard case .bytes(let train) = data.train.values, case .bytes(let test) = data.test.values else {
            Issue.record("pixels are not bytes")
            return
        }
        #expect(RealData.crc32(train + test) == 0xA2BE_00F3)
    }

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func metersAreCutOncePerClass() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "meter-digits", path: RealData.path("meter_digits")))
        #expect(data.train.input == InputShape(channels: 3, height: 32, width: 20))
        #expect(data.train.count == 5638 && data.test.count == 1404)
        let all = [868, 724, 817, 662, 655, 810, 591, 569, 787, 559]
        #expect((0..<10).map { label in data.test.labels.count { $0 == label } } == all.map { $0 / 5 })
        #expect((0..<10).map { label in data.train.labels.count { $0 == label } } == all.map { $0 - $0 / 5 })
    }

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func opticalDigitsLoad() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "optdigits", path: RealData.path("optdigits")))
        #expect(data.train.count == 3823 && data.test.count == 1797)
        #expect(data.train.example(at: 0).prefix(8).map { $0 * 16 } == [0, 1, 6, 15, 12, 1, 0, 0])
        // The embedded digits are the test part.
        let embedded = try DatasetRegistry.load(DatasetSource(name: "digits"))
        #expect(data.test.example(at: 0) == embedded.train.example(at: 0))
        let counts = (0..<10).map { label in data.test.labels.count { $0 == label } }
        #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func everyImageHasItsWriter() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "mnist", path: RealData.path("mnist")))
        let train = try #require(data.train.attribute(named: "writer"))
        let test = try #require(data.test.attribute(named: "writer"))
        #expect(train.values.count == 539 && Set(train.codes).count == 539)
        #expect(test.values.count == 297 && Set(test.codes).count == 297)
        #expect(Set(train.values).isDisjoint(with: test.values))
        #expect(train.codes.prefix(3).map { train.values[Int($0)] } == ["2154", "0", "2232"])
        #expect(test.codes.prefix(3).map { test.values[Int($0)] } == ["2578", "2359", "2530"])
        var images = [Int](repeating: 0, count: 539)
        for code in train.codes { images[Int(code)] += 1 }
        #expect(images.sorted()[269] == 116)
    }

    private static func digits(_ labels: [UInt8]) -> [UInt8] {
        [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels
    }

    private static func images(_ count: Int) -> [UInt8] {
        let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 1, 0, 0, 0, 1]
        return header + (0..<count).map { UInt8($0) }
    }

    private static let small = [
        "mnist/train-images-idx3-ubyte": images(3), "mnist/train-labels-idx1-ubyte": digits([7, 0, 7]),
        "mnist/t10k-images-idx3-ubyte": images(1), "mnist/t10k-labels-idx1-ubyte": digits([1]),
    ]

    /// Rows of label, series and writer.
    private static func writers(_ rows: [[UInt8]]) -> [UInt8] {
        let header: [UInt8] = [0, 0, 0x0C, 2, 0, 0, 0, UInt8(rows.count), 0, 0, 0, 3]
        return header + rows.joined().flatMap { [0, 0, 0, $0] as [UInt8] }
    }

    @Test(arguments: ["qmnist_writers/", "mnist/qmnist_writers/", "mnist/"])
    func writersAreFoundInOrBesideTheFolder(_ place: String) throws {
        var files = Self.small
        files[place + "qmnist-train-labels-idx2-int"] = Self.writers([[7, 4, 30], [0, 4, 9], [7, 4, 30]])
        files[place + "qmnist-test-labels-idx2-int"] = Self.writers([[1, 4, 5], [2, 4, 6]])
        let data = try TemporaryFolder.with(files) {
            try DatasetRegistry.load(DatasetSource(name: "mnist", path: $0 + "/mnist"))
        }
        #expect(data.train.attributes == [ExampleAttribute(name: "writer", values: ["9", "30"], codes: [1, 0, 1])])
        #expect(data.test.attributes == [ExampleAttribute(name: "writer", values: ["5"], codes: [0])])
    }

    @Test func writersOfOtherImagesAreRefused() throws {
        var files = Self.small
        files["qmnist_writers/qmnist-train-labels-idx2-int"] = Self.writers([[7, 4, 30], [0, 4, 9], [6, 4, 30]])
        files["qmnist_writers/qmnist-test-labels-idx2-int"] = Self.writers([[1, 4, 5]])
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(files) {
                try DatasetRegistry.load(DatasetSource(name: "mnist", path: $0 + "/mnist"))
            }
        }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("row 2 has another label") == true)
        files["qmnist_writers/qmnist-train-labels-idx2-int"] = Self.writers([[7, 4, 30]])
        let short = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(files) {
                try DatasetRegistry.load(DatasetSource(name: "mnist", path: $0 + "/mnist"))
            }
        }
        #expect(short?.message.contains("table of 3 rows") == true)
    }

    @Test func withoutWritersThereIsNoAttribute() throws {
        let data = try TemporaryFolder.with(Self.small) {
            try DatasetRegistry.load(DatasetSource(name: "mnist", path: $0 + "/mnist"))
        }
        #expect(data.train.attributes.isEmpty && data.test.attributes.isEmpty)
    }

    @Test func levelsOfUSPSAreRounded() throws {
        func levels(_ values: [Int]) -> [UInt8] {
            let header: [UInt8] = [0, 0, 0x0B, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, UInt8(values.count)]
            return header + values.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        }
        // Byte b covers the levels from (b - 1/2) * 2000 / 255 on: 3 is 0.38, 4 is 0.51, 1996 is 254.49, 1997 is 254.62.
        var files = [
            "usps-train-images-idx3-short": levels([0, 3, 4, 1000, 1996, 1997, 2000]),
            "usps-train-labels-idx1-ubyte": Self.digits([1]),
            "usps-test-images-idx3-short": levels([0, 0, 0, 0, 0, 0, 2000]),
            "usps-test-labels-idx1-ubyte": Self.digits([1]),
        ]
        let data = try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "usps", path: $0)) }
        #expect(data.train.values == .bytes([0, 0, 1, 128, 254, 255, 255]))
        for wrong in [2001, -1] {
            files["usps-test-images-idx3-short"] = levels([0, 0, wrong, 0, 0, 0, 0])
            let error = #expect(throws: TrainingError.self) {
                try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "usps", path: $0)) }
            }
            #expect(error?.message.contains("value 2 (of example 0) is not 0 to 2000") == true)
        }
    }

    @Test(arguments: [("svhn", "svhn-train-first1083"), ("meter-digits", "meterdigits10")])
    func filesThatLeaveNothingToTrainOrTestWithAreRefused(_ name: String, _ stem: String) {
        let image: [UInt8] = [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3]
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with([
                "\(stem)-images-idx4-ubyte": image, "\(stem)-labels-idx1-ubyte": Self.digits([1]),
            ]) { try DatasetRegistry.load(DatasetSource(name: name, path: $0)) }
        }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("\(stem)-labels-idx1-ubyte has too few images") == true)
    }

    @Test(arguments: [
        ("1,2", "line 2"), (String(repeating: "0,", count: 64) + "10", "line 2"),
        (String(repeating: "17,", count: 64) + "1", "line 2"), (String(repeating: "x,", count: 64) + "1", "line 2"),
    ])
    func badLinesOfOpticalDigitsAreNamed(_ line: String, _ says: String) throws {
        let good = String(repeating: "16,", count: 64) + "9\r\n"
        let files = ["optdigits.tra": Array((good + good).utf8), "optdigits.tes": Array((good + line).utf8)]
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(files) { try DatasetRegistry.load(DatasetSource(name: "optdigits", path: $0)) }
        }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("optdigits.tes, \(says)") == true)
    }

    @Test(arguments: DatasetRegistry.names.filter { $0 != "digits" && $0 != "csv" })
    func missingFoldersAreExplained(_ name: String) {
        for path in [nil, "/nonexistent"] {
            let error = #expect(throws: TrainingError.self) {
                try DatasetRegistry.load(DatasetSource(name: name, path: path))
            }
            #expect(error?.code == .missingFile)
            #expect(error?.message.contains("the folder that holds") == true)
            #expect(error?.message.contains(name) == true)
        }
    }
}
