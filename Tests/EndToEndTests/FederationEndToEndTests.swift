// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// A coordinator and workers started by hand, over TLS on loopback.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FederationEndToEndTests {
    @Test func twoWorkersJoinWithTokensTrainAndJoinAgainWithout() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["rounds=2"])
        try federation.keepPorts()
        let joinLine = try await coordinator.waitForLine(containing: "fedworker join --token")
        let ownToken = try #require(joinLine.split(separator: " ").last.map(String.init))
        let first = try federation.join("worker-1", token: ownToken, more: ["--data", "digits", "--shard", "1/2"])
        let second = try await federation.joinNew("hospital-a", shard: "2/2")
        #expect(try await coordinator.waitForExit() == 0, "\(coordinator.output)")
        #expect(try await first.waitForExit() == 0, "\(first.output)")
        #expect(try await second.waitForExit() == 0, "\(second.output)")
        #expect(coordinator.output.contains("2/2 ok"))

        let again = try await federation.serve(["rounds=1", "name=again"])
        #expect(!again.output.contains("--token"), "somebody has enrolled")
        let workers = [
            try federation.join("worker-1", more: ["--shard", "1/2"]),
            try federation.join("hospital-a", more: ["--shard", "2/2"]),
        ]
        #expect(try await again.waitForExit() == 0, "\(again.output)")
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }

        let list = try Program("fedcoord", ["run", "list", "--directory", federation.directory])
        #expect(try await list.waitForExit() == 0)
        #expect(list.output.contains("again-1 | finished | 1 rounds"))
        let show = try Program(
            "fedcoord", ["run", "show", "again-1", "--directory", federation.directory, "--format", "json"])
        #expect(try await show.waitForExit() == 0)
        #expect(show.output.contains("modelSHA256"))
        let rounds = try Program("fedcoord", ["run", "show", "again-1", "--directory", federation.directory])
        #expect(try await rounds.waitForExit() == 0)
        #expect(rounds.output.contains(" up | ") && rounds.output.contains(" down | "), "\(rounds.output)")
    }

    @Test func aTokenIsGoodForOneWorkerOnce() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["cohort.minimumWorkers=9"])
        let token = try await federation.token("a")
        let first = try federation.join("a", token: token)
        try await first.waitForLine(containing: "connected as a")
        let second = try federation.join("b", token: token)
        #expect(try await second.waitForExit() == 4)
        #expect(second.output.contains("used"), "\(second.output)")
        try await coordinator.waitForLine(containing: "turned away")
    }

    @Test func aWorkerOfAnotherFederationIsTurnedAway() async throws {
        let home = try await TestFederation()
        let foreign = try await TestFederation()
        let coordinator = try await home.serve(["cohort.minimumWorkers=9"])
        let elsewhere = try await foreign.serve(["cohort.minimumWorkers=9"])
        let worker = try await foreign.joinNew("mallory", shard: "1/1")
        try await worker.waitForLine(containing: "connected as mallory")
        worker.send(SIGTERM)
        _ = try await worker.waitForExit()
        elsewhere.send(SIGTERM)
        _ = try await elsewhere.waitForExit()

        // The foreign certificate and key, but the address and authority of this federation.
        let state = foreign.state("mallory")
        let port = try #require(
            coordinator.lines.first { $0.contains("listening on") }?.split(separator: " ").first { Int($0) != nil })
        try "127.0.0.1:\(port)\n".write(toFile: state + "/coordinator", atomically: true, encoding: .utf8)
        let intruder = try foreign.join("mallory")
        #expect(try await intruder.waitForExit() == 4)
        #expect(intruder.output.contains("certificate"), "\(intruder.output)")
        try await coordinator.waitForLine(containing: "turned away 127.0.0.1")
    }

    @Test func aRevokedWorkerIsPutOutAndNotLetInAgain() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["cohort.minimumWorkers=9"])
        let worker = try await federation.joinNew("a", shard: "1/1")
        try await worker.waitForLine(containing: "connected as a")
        let revoke = try Program("fedcoord", ["node", "revoke", "a", "--directory", federation.directory])
        #expect(try await revoke.waitForExit() == 0)
        #expect(try await worker.waitForExit() == 4)
        #expect(worker.output.contains("revoked"))
        let again = try federation.join("a")
        #expect(try await again.waitForExit() == 4)
        try await coordinator.waitForLine(containing: "turned away")
    }

    @Test func aKilledWorkerDoesNotHoldUpTheRoundAndTakesPartInTheNext() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "rounds=6", "training.epochs=200", "cohort.minimumWorkers=3", "cohort.quorum=0.6",
        ])
        var workers: [Program] = []
        for index in 1...3 { workers.append(try await federation.joinNew("w\(index)", shard: "\(index)/3")) }
        try await coordinator.waitForLine(containing: "round 1/6 | 3/3 ok")
        workers[1].send(SIGKILL)
        try await coordinator.waitForLine(containing: "w2 is gone")
        try await coordinator.waitForLine(containing: "| 2/3 ok")
        let back = try federation.join("w2", more: ["--shard", "2/3"])
        #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
        #expect(try await back.waitForExit() == 0, "\(back.output)")
        let last = try #require(coordinator.lines.last { $0.contains("round 6/6") })
        #expect(last.contains("3/3 ok"))
    }

    @Test func aKilledCoordinatorGoesOnAndEndsWithTheSameModel() async throws {
        let overrides = ["rounds=5", "training.epochs=40", "cohort.minimumWorkers=2", "cohort.quorum=1.0"]
        var hashes: Set<String> = []
        for isKilled in [false, true] {
            let federation = try await TestFederation()
            var coordinator = try await federation.serve(overrides)
            let workers = [
                try await federation.joinNew("w1", shard: "1/2"), try await federation.joinNew("w2", shard: "2/2"),
            ]
            if isKilled {
                try federation.keepPorts()
                try await coordinator.waitForLine(containing: "round 2/5")
                coordinator.send(SIGKILL)
                _ = try await coordinator.waitForExit()
                coordinator = try await federation.serve(overrides)
                try await coordinator.waitForLine(containing: "going on after round")
            }
            #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
            for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
            let line = try #require(coordinator.lines.first { $0.contains("SHA-256") })
            hashes.insert(try #require(line.split(separator: " ").last.map(String.init)))
        }
        #expect(hashes.count == 1)
    }

    /// What a worker carries from round to round is on its disk, and goes into the model exactly once, whenever it is killed.
    @Test func aKilledWorkerWithAMemoryEndsWithTheSameModel() async throws {
        let overrides = [
            "rounds=6", "training.epochs=30", "cohort.minimumWorkers=2", "cohort.quorum=1.0",
            "uplink={codec: sbc, density: 0.05}",
            "training.optimizer={name: sgd, learningRate: 0.02, momentum: 0.9, state: kept}",
        ]
        var hashes: Set<String> = []
        for isKilled in [false, true] {
            let federation = try await TestFederation()
            let coordinator = try await federation.serve(overrides)
            let first = try await federation.joinNew("w1", shard: "1/2")
            var second = try await federation.joinNew("w2", shard: "2/2")
            if isKilled {
                // At the beginning of a round, while it trains, and as soon as it has something to send.
                for (line, delay) in [("round 1 | trained", 0), ("round 2 | trained", 15), ("round 4 | trained", 40)] {
                    try await second.waitForLine(containing: line)
                    try await Task.sleep(for: .milliseconds(delay))
                    second.send(SIGKILL)
                    _ = try await second.waitForExit()
                    second = try federation.join("w2", more: ["--shard", "2/2"])
                }
            }
            #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
            for worker in [first, second] {
                #expect(try await worker.waitForExit() == 0, "\(worker.output)")
                #expect(!worker.output.contains("without residual"), "\(worker.output)")
            }
            let line = try #require(coordinator.lines.first { $0.contains("SHA-256") })
            hashes.insert(try #require(line.split(separator: " ").last.map(String.init)))
            // The run is over for good.
            let left = try FileManager.default.contentsOfDirectory(atPath: federation.state("w2") + "/runs")
            #expect(left.isEmpty, "\(left)")
        }
        #expect(hashes.count == 1)
    }

    @Test func aSecondCoordinatorOnTheSameDirectoryIsRefused() async throws {
        let federation = try await TestFederation()
        let first = try await federation.serve(["cohort.minimumWorkers=9"])
        let second = try Program("fedcoord", ["serve", "--directory", federation.directory, federation.runFile])
        #expect(try await second.waitForExit() == 2)
        #expect(second.output.contains("another coordinator works on"))
        first.send(SIGTERM)
        _ = try await first.waitForExit()
    }
}
