// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Federations of which some workers train adversarially and share what they learn.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RobustnessEndToEndTests {
    private static let overrides = [
        "rounds=10", "strategy={name: fedrbn, warmup: 1}", "cohort.minimumWorkers=2", "cohort.quorum=1.0",
        "model={architecture: resnet20, width: 1/8, normalization: dual-shared}", "uplink.codec=dense-float32",
        "data.partition={scheme: iid}", "data.fraction=0.5",
        "training={epochs: 3, batchSize: 16, optimizer: {learningRate: 0.1, momentum: 0.9}}",
        "training.objective=[{term: cross-entropy}, {term: adversarial, attack: {epsilon: 0.1, steps: 2}}]",
    ]

    /// Coordinator and worker are killed in the middle of a run: what was shared is there again, and the model is the same.
    @Test func killedInTheMiddleTheyEndWithTheSameModel() async throws {
        var hashes: Set<String> = []
        for isKilled in [false, true] {
            let federation = try await TestFederation()
            var coordinator = try await federation.serve(Self.overrides)
            let options = ["--adversarial", "--share-statistics"]
            let first = try await federation.joinNew("w1", shard: "1/2", more: options)
            var second = try await federation.joinNew("w2", shard: "2/2", more: ["--share-statistics"])
            if isKilled {
                try federation.keepPorts()
                try await coordinator.waitForLine(containing: "round 2/10")
                coordinator.send(SIGKILL)
                _ = try await coordinator.waitForExit()
                coordinator = try await federation.serve(Self.overrides)
                try await coordinator.waitForLine(containing: "going on after round")
                second.send(SIGKILL)
                _ = try await second.waitForExit()
                second = try federation.join("w2", more: ["--shard", "2/2", "--share-statistics"])
            }
            #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
            for worker in [first, second] { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
            #expect(coordinator.output.contains("w1 agrees that statistics of its batch normalisation are shared"))
            #expect(second.output.contains("shares means and variances of its batch normalisation"))
            let line = try #require(coordinator.lines.first { $0.contains("SHA-256") })
            hashes.insert(try #require(line.split(separator: " ").last.map(String.init)))
        }
        #expect(hashes.count == 1)
    }

    /// A worker that shares nothing and joins late has adversarial statistics in its first model; export is for its owner.
    @Test func aLateWorkerGetsStatisticsBeforeItsFirstPrediction() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(
            Self.overrides + ["cohort.minimumWorkers=1", "rounds=12", "strategy.warmup=100"])
        let first = try await federation.joinNew("w1", shard: "1/2", more: ["--adversarial", "--share-statistics"])
        try await coordinator.waitForLine(containing: "round 2/12")
        let late = try await federation.joinNew("w2", shard: "2/2")
        #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
        for worker in [first, late] { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        #expect(late.output.contains("keeps means and variances of its batch normalisation to itself"))
        #expect(!coordinator.output.contains("w2 agrees"))

        let state = federation.state("w2")
        func accuracy(_ robustness: String) async throws -> Double {
            let program = try Program(
                "fedworker",
                ["evaluate", "--state", state, "--data", "digits", "--robustness", robustness, "--format", "json"])
            #expect(try await program.waitForExit(seconds: 60) == 0, "\(program.output)")
            let report = try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [String: Any]
            return try #require(((report?["result"] as? [String: Any])?["accuracy"] as? NSNumber)?.doubleValue)
        }
        // With what a new network has, means 0 and variances 1, the branch would guess.
        #expect(try await accuracy("1") > 0.3)

        let output = federation.folder.appendingPathComponent("own.onnx").path
        let export = try Program("fedworker", ["export", "--state", state, "--robustness", "1", "--output", output])
        #expect(try await export.waitForExit(seconds: 60) == 0, "\(export.output)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: output)).count > 1000)
        let foreign = try Program(
            "fedcoord",
            [
                "model", "export", "digits-ternary-1", "--directory", federation.directory, "--worker", "w2",
                "--output", output,
            ])
        #expect(try await foreign.waitForExit(seconds: 60) == 2)
        #expect(foreign.output.contains("only w2 has its own model"), "\(foreign.output)")
    }
}
