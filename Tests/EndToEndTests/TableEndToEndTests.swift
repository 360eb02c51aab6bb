// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Tables of silos, as their owners use them.
@Suite(.timeLimit(.minutes(5))) struct TableEndToEndTests {
    /// A table of `rows` patients: two measurements that tell the outcome, a ward, the hospital, and what `more` adds.
    static func table(rows: Int, hospitals: [String], more: String = "", shift: Double = 0) -> String {
        var text = "age,pressure,ward\(more.isEmpty ? "" : ",\(more)"),hospital,outcome\n"
        for row in 0..<rows {
            let isIll = row * 7 % 10 < 4
            let age = 40 + Double(row * 13 % 40) / 2 + (isIll ? 20 : 0) + shift
            let pressure = row % 17 == 3 ? "" : "\(110 + row * 11 % 30 + (isIll ? 25 : 0))"
            let fields = [
                "\(age)", pressure, ["north", "south", "east"][row % 3], hospitals[row * 5 % 7 % hospitals.count],
                isIll ? "yes" : "no",
            ]
            text += (fields[..<3] + (more.isEmpty ? [] : ["\(row % 5)"]) + fields[3...]).joined(separator: ",") + "\n"
        }
        return text
    }

    /// A folder of its own for files of a test.
    final class Folder: Sendable {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-table-\(UUID())")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ name: String, _ text: String) throws -> String {
            try text.write(to: url.appendingPathComponent(name), atomically: true, encoding: .utf8)
            return url.appendingPathComponent(name).path
        }
        func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    }

    static let example = DataEndToEndTests.examples.appendingPathComponent("patients.yaml").path

    @Test func aTableIsDescribedAndDividedByHospital() async throws {
        let folder = try Folder()
        let file = try folder.write("p.csv", Self.table(rows: 210, hospitals: ["a", "b", "c"]))
        let (code, output) = try await DataEndToEndTests.fedcoord([
            "data", "describe", Self.example, "--workers", "3", "--set", "data.path=\(file)",
        ])
        #expect(code == 0, "\(output)")
        #expect(output.contains("groups by hospital; 3 workers"))
        #expect(output.contains("fingerprint") || output.contains("schema      "))
        #expect(output.split(separator: "\n").contains { $0.hasPrefix("age ") && $0.contains("deviation") })
        #expect(output.split(separator: "\n").contains { $0.hasPrefix("outcome ") && $0.contains("2: no, yes") })
        let (_, parts) = try await DataEndToEndTests.described([
            Self.example, "--workers", "3", "--set", "data.path=\(file)",
        ])
        let hospitals = parts.map { ($0["attributes"] as? [String: [String: Int]])?["hospital"]?.keys.sorted() }
        #expect(hospitals == [["a"], ["b"], ["c"]])
    }

    @Test func aSimulationDividesATable() async throws {
        let folder = try Folder()
        let file = try folder.write("p.csv", Self.table(rows: 210, hospitals: ["a", "b", "c"]))
        let report = try await SimulationEndToEndTests.simulate([
            Self.example, "--workers", "3", "--set", "data.path=\(file)", "--set", "rounds=8",
        ])
        #expect(try SimulationEndToEndTests.final(report, "accuracy") > 0.9)
        let schema = folder.path("schema.json")
        let (code, _) = try await DataEndToEndTests.fedcoord([
            "data", "schema", file, "--label", "outcome", "--attribute", "hospital", "--output", schema,
        ])
        #expect(code == 0)
        let other = try await SimulationEndToEndTests.simulate([
            Self.example, "--workers", "3", "--set", "data.path=\(file)", "--set", "rounds=2", "--set",
            "data.schema=\(schema)",
        ])
        #expect(other["parameters"] as? Int != report["parameters"] as? Int)
    }

    /// The coordinator has a table of its own; each silo has another, with its own numbers and not all categories.
    @Test func silosWithOneSchemaTrainTogether() async throws {
        let folder = try Folder()
        let central = try folder.write("central.csv", Self.table(rows: 140, hospitals: ["a"]))
        let schema = folder.path("schema.json")
        let made = try await DataEndToEndTests.fedcoord([
            "data", "schema", central, "--label", "outcome", "--ignore", "hospital", "--output", schema,
        ])
        #expect(made.code == 0, "\(made.output)")
        #expect(made.output.contains("fingerprint"))
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "data={ dataset: csv, path: \(central), label: outcome, schema: \(schema) }", "rounds=4",
            "training.epochs=5", "cohort.minimumWorkers=2", "cohort.quorum=1",
        ])
        var workers: [Program] = []
        for (name, shift) in [("b", 0.0), ("c", 3.0)] {
            let file = try folder.write(
                "\(name).csv",
                Self.table(rows: 60, hospitals: [name], shift: shift).replacingOccurrences(of: "east", with: "north"))
            workers.append(
                try federation.join(
                    name, token: try await federation.token(name), more: ["--data", "csv=\(file)", "--schema", schema]))
        }
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        #expect(coordinator.output.contains("accuracy"))
    }

    @Test func aSiloWhoseTableDoesNotFitIsRefusedBeforeItSendsAnything() async throws {
        let folder = try Folder()
        let central = try folder.write("central.csv", Self.table(rows: 140, hospitals: ["a", "b"]))
        let wider = try folder.write("wider.csv", Self.table(rows: 60, hospitals: ["a", "b"], more: "weight"))
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "data={ dataset: csv, path: \(central), label: outcome }", "cohort.minimumWorkers=1",
        ])
        // Its label is that of the run.
        let worker = try federation.join(
            "w", token: try await federation.token("w"), more: ["--data", "csv=\(wider)"])
        #expect(try await worker.waitForExit() == 2)
        #expect(worker.output.contains("but the model takes"), "\(worker.output)")
        #expect(worker.output.contains("fedcoord data schema"), "\(worker.output)")
        let shapes = worker.output.matches(of: /[0-9]+x[0-9]+x[0-9]+ in 2 classes/).map { String($0.0) }
        #expect(Set(shapes).count == 2)
        // The coordinator learns the shapes; of a table that cannot be read it learns nothing.
        let line = try await coordinator.waitForLine(containing: "is gone: it said: ")
        #expect(line.contains("but the model takes"))
        let broken = try folder.write("broken.csv", "age,outcome\n12,yes\nsecret,no\n13,yes\n14,no\n15,no\n")
        let other = try federation.join(
            "v", token: try await federation.token("v"), more: ["--data", "csv=\(broken)"])
        #expect(try await other.waitForExit() == 2)
        #expect(other.output.contains("broken.csv"), "\(other.output)")
        try await coordinator.waitForLine(containing: "its data cannot be used for this run")
        #expect(!coordinator.output.contains("broken.csv"))
        coordinator.send(SIGTERM)
        _ = try await coordinator.waitForExit()
        #expect(!coordinator.output.contains("round 1/"))
    }

    @Test func aModelThatDoesNotFitIsRefusedByAllCommands() async throws {
        let folder = try Folder()
        let file = try folder.write("p.csv", Self.table(rows: 210, hospitals: ["a", "b", "c"]))
        let settings = ["--set", "data.path=\(file)", "--set", "model={ architecture: lenet }"]
        let federation = try await TestFederation()
        let output = folder.path("out")
        for arguments in [
            ["check", Self.example], ["simulate", Self.example, "--workers", "3", "--output", output],
            ["serve", "--directory", federation.directory, Self.example],
        ] {
            let (code, text) = try await DataEndToEndTests.fedcoord(arguments + settings)
            #expect(code == 2, "\(text)")
            #expect(text.contains("model lenet cannot be built for data set csv"), "\(text)")
            #expect(text.contains(" in 2 classes"), "\(text)")
            #expect(!text.contains("Fatal error"))
        }
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func badTablesAndSchemasAreNamed() async throws {
        let folder = try Folder()
        let file = try folder.write("p.csv", Self.table(rows: 30, hospitals: ["a"]))
        let poisoned = try folder.write(
            "nan.csv", Self.table(rows: 30, hospitals: ["a"]).replacingOccurrences(of: "\n60.0,", with: "\nNaN,"))
        let schema = try folder.write("schema.json", "{}")
        for (arguments, says) in [
            (["data", "schema", file, "--label", "outcom"], "outcome"),
            (["data", "schema", file, "--label", "outcome", "--attribute", "hospitals"], "did you mean hospital?"),
            (["data", "schema", file, "--label", "outcome", "--ignore", "outcome"], "there is no column"),
            (["data", "schema", file, "--label", "outcome", "--output", "/proc/x"], "/proc/x"),
            (["data", "schema", "/nonexistent.csv", "--label", "x"], "/nonexistent.csv"),
            (["check", Self.example, "--set", "data.path=\(poisoned)"], "nan.csv, line "),
            (["check", Self.example, "--set", "data.path=\(file)", "--set", "data.schema=\(schema)"], "schema.json"),
            (["data", "describe", Self.example, "--set", "data.path=\(file)", "--workers", "2"], "1 groups"),
        ] {
            let (code, text) = try await DataEndToEndTests.fedcoord(arguments)
            #expect(code == 2, "\(arguments): \(text)")
            #expect(text.contains(says), "\(arguments): \(text)")
        }
    }

    @Test func aSchemaIsPrintedWhereNoFileIsGiven() async throws {
        let folder = try Folder()
        let file = try folder.write("p.csv", Self.table(rows: 30, hospitals: ["a"]))
        let (code, output) = try await DataEndToEndTests.fedcoord([
            "data", "schema", file, "--label", "outcome", "--attribute", "hospital",
        ])
        #expect(code == 0)
        let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        let columns = try #require(document?["columns"] as? [[String: Any]])
        #expect(columns.first { $0["name"] as? String == "hospital" }?["kind"] as? String == "attribute")
        #expect(columns.first { $0["name"] as? String == "outcome" }?["categories"] as? [String] == ["no", "yes"])
    }
}
