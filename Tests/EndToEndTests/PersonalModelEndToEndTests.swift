// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Models of which each worker has a part for itself, as users make and use them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PersonalModelEndToEndTests {
    private static func call(_ name: String, _ arguments: [String]) async throws -> (code: Int32, output: String) {
        let program = try Program(name, arguments)
        return (try await program.waitForExit(seconds: 60), program.output)
    }

    private static func evaluation(_ arguments: [String]) async throws -> [String: Any] {
        let (code, output) = try await call("fedworker", ["evaluate", "--format", "json"] + arguments)
        #expect(code == 0, "\(output)")
        return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    @Test func workersUseModelsOfTheirOwn() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "rounds=6", "strategy=fedbn", "model={architecture: resnet20, width: 1/8}", "cohort.minimumWorkers=2",
            "keepJournals=true", "data.partition={scheme: iid}", "uplink.codec=dense-float32",
            "training={batchSize: 16, optimizer: {learningRate: 0.1, momentum: 0.9}}",
        ])
        let workers = [
            try await federation.joinNew("worker-1", shard: "1/2"),
            try await federation.joinNew("worker-2", shard: "2/2"),
        ]
        for worker in workers { #expect(try await worker.waitForExit(seconds: 120) == 0, "\(worker.output)") }
        #expect(try await coordinator.waitForExit(seconds: 60) == 0, "\(coordinator.output)")
        #expect(!coordinator.output.contains("accuracy"), "a coordinator has no whole model:\n\(coordinator.output)")

        var losses: [Double] = []
        for name in ["worker-1", "worker-2"] {
            let own = ["--state", federation.state(name), "--data", "digits"]
            let measured = try await Self.evaluation(own + ["--attack", "pgd", "--epsilon", "0.1", "--steps", "2"])
            let result = try #require(measured["result"] as? [String: Any])
            let accuracy = try #require((result["accuracy"] as? NSNumber)?.doubleValue)
            let robust = try #require((result["robustAccuracy"] as? NSNumber)?.doubleValue)
            #expect(accuracy > 0.3 && robust < accuracy && measured["round"] as? Int == 6, "\(measured)")
            losses.append(try #require((result["loss"] as? NSNumber)?.doubleValue))
            let image = federation.folder.appendingPathComponent("zero.png")
            try #require(ModelEndToEndTests.zero).write(to: image)
            let seen = try await Self.call("fedworker", ["predict", "--state", federation.state(name), image.path])
            #expect(seen.code == 0 && seen.output.contains("zero.png  "), "\(seen.output)")
        }
        #expect(losses[0] != losses[1])
        let none = try await Self.call("fedworker", ["evaluate", "--state", federation.directory, "--data", "digits"])
        #expect(none.code == 2 && none.output.contains("holds no model"), "\(none.output)")
        let other = try await Self.call(
            "fedworker", ["evaluate", "--state", federation.state("worker-1"), "--run", "other", "--data", "digits"])
        #expect(other.code == 2 && other.output.contains("holds no model of run other"), "\(other.output)")

        let list = try await Self.call(
            "fedcoord", ["run", "list", "--directory", federation.directory, "--format", "json"])
        let runs = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        let run = try #require(runs.first?["run"] as? String)
        for command in ["evaluate", "export"] {
            let more = command == "evaluate" ? ["--data", "digits"] : ["--output", federation.directory + "/x.onnx"]
            let shared = try await Self.call(
                "fedcoord", ["model", command, run, "--directory", federation.directory] + more)
            #expect(shared.code == 2 && shared.output.contains("no model to classify with"), "\(shared.output)")
        }
        let replayed = try await Self.call("fedcoord", ["run", "replay", run, "--directory", federation.directory])
        #expect(replayed.code == 0, "\(replayed.output)")
        let shown = try await Self.call("fedcoord", ["model", "show", run, "--directory", federation.directory])
        #expect(shown.code == 0, "\(shown.output)")
    }
}
