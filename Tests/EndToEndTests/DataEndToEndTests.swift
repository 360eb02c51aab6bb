// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// How data are described, divided, and refused, as a user sees it.
@Suite(.timeLimit(.minutes(5))) struct DataEndToEndTests {
    /// The folder of real data sets, for tests that need them.
    static let realData = ProcessInfo.processInfo.environment["FED_DATA"]

    static let examples: URL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Examples")

    /// What `fedcoord` prints and its exit code.
    static func fedcoord(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        let program = try Program("fedcoord", arguments)
        return (try await program.waitForExit(seconds: 120), program.output)
    }

    /// The parts of `data describe --json`.
    static func described(_ arguments: [String]) async throws -> (document: [String: Any], parts: [[String: Any]]) {
        let (code, output) = try await fedcoord(["data", "describe"] + arguments + ["--json"])
        #expect(code == 0, "\(output)")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        return (document, try #require(document["parts"] as? [[String: Any]]))
    }

    @Test func describesWhatEachWorkerWouldHold() async throws {
        let federation = try await TestFederation()
        let (code, output) = try await Self.fedcoord(
            [
                "data", "describe", federation.runFile, "--workers", "3", "--set",
                "data.partition={scheme: shards, "
                    + "shardsPerWorker: 2}",
            ])
        #expect(code == 0, "\(output)")
        #expect(output.contains("1442 to train, 355 to test, each 8x8x1 in 10 classes"))
        #expect(output.contains("partition   shards, 2 per worker; 3 workers, seed 1"))
        let lines = output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("worker  examples    share  classes") })
        #expect(lines.count { $0.hasPrefix("     ") && $0.contains(" %") } == 3)
        #expect(lines.contains { $0.hasPrefix("   all      1442  100.0 %       10") })
        #expect(lines.allSatisfy { $0.count <= 120 })
    }

    @Test func describesForPrograms() async throws {
        let federation = try await TestFederation()
        let (document, parts) = try await Self.described([
            federation.runFile, "--workers", "5", "--set", "data.partition={scheme: quantity, alpha: 0.3}", "--set",
            "data.fraction=0.5",
        ])
        #expect(parts.count == 5)
        let examples = parts.compactMap { $0["examples"] as? Int }.reduce(0, +)
        #expect((719...723).contains(examples))
        #expect(document["unused"] as? Int == 1442 - examples)
        #expect((parts[0]["labels"] as? [Int])?.reduce(0, +) == parts[0]["examples"] as? Int)
        #expect((document["partition"] as? [String: Any])?["scheme"] as? String == "quantity")
        #expect((document["data"] as? [String: Any])?["train"] as? Int == 1442)
    }

    @Test func whatCannotBeDividedIsRefusedBeforeAnythingStarts() async throws {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-none-\(UUID())").path
        for (setting, says) in [
            ("data.partition={scheme: groups, by: writer}", "no attribute \"writer\""),
            ("data.partition={scheme: shards, shardsPerWorker: 500}", "take fewer workers"),
            ("data.partition={scheme: shard}", "did you mean shards?"), ("data.fraction=2", "data.fraction"),
        ] {
            let (code, text) = try await Self.fedcoord([
                "simulate", "--example", "digits", "--set", setting, "--output", output,
            ])
            #expect(code == 2)
            #expect(text.contains(says), "\(text)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test func partitionAndFractionReachTheWorkers() async throws {
        let arguments = ["--example", "digits", "--workers", "3", "--set", "rounds=2"]
        let plain = try await SimulationEndToEndTests.simulate(arguments)
        let few = try await SimulationEndToEndTests.simulate(arguments + ["--set", "data.fraction=0.1"])
        let shards = try await SimulationEndToEndTests.simulate(
            arguments + ["--set", "data.partition={scheme: shards, shardsPerWorker: 2}"])
        #expect(Set([plain, few, shards].map { $0["modelSHA256"] as? String }).count == 3)
    }

    @Test(arguments: [
        "digits-5.yaml", "digits-5-robust.yaml", "mnist-writers.yaml", "mnist-shards.yaml", "cifar-10.yaml",
        "patients.yaml", "images.yaml",
    ])
    func examplesLackNothingButTheirData(_ name: String) async throws {
        let file = Self.examples.appendingPathComponent(name).path
        let (code, output) = try await Self.fedcoord(["check", file])
        #expect(code == 2)
        #expect(output.contains("/data/"), "\(output)")
        #expect(!output.contains("key"), "\(output)")
    }

    @Test func allExamplesAreTested() throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: Self.examples.path).count == 7)
    }

    @Test(.enabled(if: realData != nil, "FED_DATA names no folder of real data"))
    func fiveDomainsGoToFiveWorkersInTurn() async throws {
        let example = Self.examples.appendingPathComponent("digits-5.yaml").path
        let path = "data.path=\(try #require(Self.realData))"
        let (_, parts) = try await Self.described([example, "--workers", "10", "--set", path])
        let domains = try parts.map { part in
            let counts = try #require((part["attributes"] as? [String: [String: Int]])?["domain"])
            #expect(counts.count == 1)
            return counts.keys.first
        }
        #expect(Array(domains[..<5]) == ["mnist", "svhn", "usps", "meter-digits", "mnist-m"])
        #expect(domains[..<5] == domains[5...])
        let report = try await SimulationEndToEndTests.simulate([
            example, "--workers", "5", "--set", path, "--set", "model={ architecture: mlp, hidden: [16] }", "--set",
            "rounds=2", "--set", "data.fraction=0.1",
        ])
        #expect(report["workers"] as? Int == 5)
        #expect(try SimulationEndToEndTests.final(report, "accuracy") > 0.15)
    }

    @Test(.enabled(if: realData != nil, "FED_DATA names no folder of real data"))
    func writersAreNeverSplit() async throws {
        let example = Self.examples.appendingPathComponent("mnist-writers.yaml").path
        let (document, parts) = try await Self.described([
            example, "--workers", "20", "--set", "data.path=\(try #require(Self.realData))/mnist",
        ])
        var seen: Set<String> = []
        for part in parts {
            let writers = try #require((part["attributes"] as? [String: [String: Int]])?["writer"])
            #expect(seen.isDisjoint(with: writers.keys))
            seen.formUnion(writers.keys)
        }
        #expect(seen.count == 539)
        #expect(document["unused"] as? Int == 0)
    }
}
