// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Stopping runs and going on with them from another terminal.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RunCommandEndToEndTests {
    private func run(_ arguments: [String], in federation: TestFederation) async throws -> (Int32, String) {
        let program = try Program("fedcoord", ["run"] + arguments + ["--directory", federation.directory])
        return (try await program.waitForExit(), program.output)
    }

    @Test func aServedRunIsStoppedAtOnceAndForGood() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "rounds=1000", "training.epochs=20", "cohort.minimumWorkers=2",
        ])
        let workers = [
            try await federation.joinNew("w1", shard: "1/2"), try await federation.joinNew("w2", shard: "2/2"),
        ]
        try await coordinator.waitForLine(containing: "round 2/1000")
        let (status, output) = try await run(["stop", "digits-ternary-1"], in: federation)
        #expect(status == 0 && output.contains("digits-ternary-1 is stopped after"), "\(output)")
        #expect(try await coordinator.waitForExit() == 3)
        #expect(coordinator.output.contains("run digits-ternary-1 was stopped after"), "\(coordinator.output)")
        #expect(!coordinator.output.contains("failed"), "\(coordinator.output)")
        for worker in workers {
            #expect(try await worker.waitForExit() == 0)
            #expect(worker.output.contains("run digits-ternary-1 stopped"), "\(worker.output)")
        }
        let (_, list) = try await run(["list"], in: federation)
        #expect(list.contains("digits-ternary-1 | stopped |"))
        for command in ["stop", "resume"] {
            let (status, output) = try await run([command, "digits-ternary-1"], in: federation)
            #expect(status == 2 && output.contains("is stopped"), "\(output)")
        }
        let (unknown, sentence) = try await run(["stop", "digits-ternary-2"], in: federation)
        #expect(unknown == 2 && sentence.contains("digits-ternary-1"))
    }

    @Test func aRunIsReplayedAndADamagedFileNamed() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "rounds=3", "cohort.minimumWorkers=2", "keepJournals=true",
            "strategy.optimizer={name: adam, learningRate: 0.02}",
        ])
        let workers = [
            try await federation.joinNew("w1", shard: "1/2"), try await federation.joinNew("w2", shard: "2/2"),
        ]
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        let (status, output) = try await run(["replay", "digits-ternary-1"], in: federation)
        #expect(status == 0, "\(output)")
        #expect(output.contains("3 of 3 rounds from 6 stored updates"), "\(output)")
        let hash = try #require(
            output.split(separator: "\n").first { $0.contains("last one is") }?.split(separator: " ").last)
        for (expected, code) in [(String(hash), 0), (String(hash.reversed()), 3)] {
            let (status, output) = try await run(["replay", "digits-ternary-1", "--expect", expected], in: federation)
            #expect(status == code, "\(output)")
        }
        for name in ["journal/000002.journal", "checkpoints/000003.safetensors"] {
            let file = URL(fileURLWithPath: federation.directory + "/runs/digits-ternary-1/" + name)
            let bytes = try Data(contentsOf: file)
            var damaged = bytes
            damaged[bytes.count / 2] ^= 4
            try damaged.write(to: file)
            let (status, output) = try await run(["replay", "digits-ternary-1"], in: federation)
            #expect(status == 3 && output.contains(name), "\(output)")
            try bytes.write(to: file)
        }
    }

    @Test func aRunThatNobodyServesIsMarked() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["cohort.minimumWorkers=9"])
        let (refused, reason) = try await run(["resume", "digits-ternary-1"], in: federation)
        #expect(refused == 2 && reason.contains("another coordinator works on"), "\(reason)")
        coordinator.send(SIGKILL)
        _ = try await coordinator.waitForExit()
        let (status, output) = try await run(["stop", "digits-ternary-1"], in: federation)
        #expect(status == 0 && output.contains("after 0 rounds"), "\(output)")
    }

    @Test func aKilledRunIsResumedWithoutItsRunFile() async throws {
        let overrides = ["rounds=4", "training.epochs=40", "cohort.minimumWorkers=2", "cohort.quorum=1.0"]
        var models: Set<String> = []
        for isKilled in [false, true] {
            let federation = try await TestFederation()
            var coordinator = try await federation.serve(overrides)
            let workers = [
                try await federation.joinNew("w1", shard: "1/2"), try await federation.joinNew("w2", shard: "2/2"),
            ]
            if isKilled {
                try federation.keepPorts()
                try await coordinator.waitForLine(containing: "round 2/4")
                coordinator.send(SIGKILL)
                _ = try await coordinator.waitForExit()
                try FileManager.default.removeItem(atPath: federation.runFile)
                coordinator = try Program(
                    "fedcoord", ["run", "resume", "digits-ternary-1", "--directory", federation.directory])
            }
            #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
            for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
            let line = try #require(coordinator.lines.first { $0.contains("SHA-256") })
            models.insert(try #require(line.split(separator: " ").last.map(String.init)))
            let (status, output) = try await run(["resume", "digits-ternary-1"], in: federation)
            #expect(status == 2 && output.contains("is finished"), "\(output)")
        }
        #expect(models.count == 1)
    }
}
