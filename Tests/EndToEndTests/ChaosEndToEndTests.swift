// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTestSupport
import Foundation
import Testing

/// Real processes that are killed, cut off, crowded out and pestered: the run ends with the model of an undisturbed one.
@Suite(.serialized, .timeLimit(.minutes(8))) struct ChaosEndToEndTests {
    /// Coordinator and workers are killed at random times, again and again, and started again with the same command.
    @Test func killedAgainAndAgainItEndsWithTheSameModel() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        var dice = SeededDice(seed: seed)
        let federation = try await Chaos.federation()
        var coordinator = try await federation.serve(Chaos.overrides)
        var workers = try await Chaos.joinAll(federation)
        for worker in workers { try await worker.waitForLine(containing: "connected as") }
        var kills = 0
        // 0 is the coordinator, 4 the coordinator and a worker together.
        for victim in [0, 0, 0, 4, 4, 1, 2, 3, 1, 2].shuffled(using: &dice) {
            let worker = victim == 4 ? Int.random(in: 0..<3, using: &dice) : victim - 1
            // Within a round or before one: something has happened since it was started, a little more may happen.
            if victim == 0 || victim == 4 {
                let line = Bool.random(using: &dice) ? "is here" : "/\(Chaos.rounds) |"
                try await coordinator.waitForLineOrExit(containing: line)
            } else {
                let line = Bool.random(using: &dice) ? "connected as" : "| trained"
                try await workers[worker].waitForLineOrExit(containing: line)
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<80, using: &dice)))
            if victim == 0 || victim == 4 { try await Chaos.kill(coordinator) }
            if victim != 0 { try await Chaos.kill(workers[worker]) }
            // On a machine that gives this process little time, the run is over before the last kill.
            if let model = try await TestFederation.modelOfFinishedRun(in: federation.directory) {
                #expect(kills >= 1, "the run was over after \(kills) kills")
                #expect(try await model == Chaos.undisturbed.value, "seed \(seed)")
                for program in workers + [coordinator] { program.send(SIGKILL) }
                return
            }
            kills += 1
            if victim == 0 || victim == 4 { coordinator = try await federation.serve(Chaos.overrides) }
            if victim != 0 { workers[worker] = try Chaos.join(worker + 1, federation) }
        }
        #expect(try await Chaos.model(of: coordinator) == Chaos.undisturbed.value, "seed \(seed)")
        for worker in workers { #expect(try await worker.waitForExit() == 0, "seed \(seed): \(worker.output)") }
    }

    /// Every connection is cut after a random number of bytes, within the handshake, a model or an update.
    @Test func connectionsCutAnywhereEndWithTheSameModel() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let federation = try await Chaos.federation()
        let coordinator = try await federation.serve(Chaos.overrides)
        let listening = try await coordinator.waitForLine(containing: "listening on")
        let port = try #require(listening.split(separator: " ").compactMap { Int($0) }.first)
        let proxy = try await CuttingProxy.start(to: port) { connection in
            var dice = SeededDice(seed: seed + UInt64(connection))
            return Int.random(in: 2000..<12_000, using: &dice)
        }
        for index in 1...3 {
            try await federation.enrol("w\(index)", shard: "\(index)/3", with: coordinator, through: proxy.port)
        }
        let workers = try (1...3).map { try Chaos.join($0, federation) }
        let model = try await Chaos.model(of: coordinator)
        #expect(try await model == Chaos.undisturbed.value, "seed \(seed)")
        #expect(proxy.traffic.cuts >= 6, "seed \(seed): \(proxy.traffic)")
        // The last word may be cut off as well: then a worker waits for the next run.
        for worker in workers { worker.send(SIGTERM) }
    }

    /// Strangers take all the connections that the limit of open files leaves: files stay, workers stay, and one that was away
    /// comes in.
    @Test func aCrowdThatUsesUpTheDescriptorsEndsWithTheSameModel() async throws {
        let federation = try await Chaos.federation()
        let starved = try federation.serve(Chaos.overrides, openFiles: 64)
        #expect(try await starved.waitForExit() == 2, "\(starved.output)")
        let fewest = try #require(starved.output.split(separator: " ").last.flatMap { Int($0) }, "\(starved.output)")
        let coordinator = try federation.serve(Chaos.overrides, openFiles: fewest)
        let listening = try await coordinator.waitForLine(containing: "listening on")
        let ports = listening.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
        var workers = try await Chaos.joinAll(federation)
        try await coordinator.waitForLine(containing: "round 1/")
        try await Chaos.kill(workers[2])
        // There are 32 places, 4 of them to enrol.
        let crowd = try ports.flatMap { port in try (0..<40).map { _ in try #require(Stranger(port: port)) } }
        try await coordinator.waitForLine(containing: "places for connections are taken")
        workers[2] = try Chaos.join(3, federation)
        #expect(try await Chaos.model(of: coordinator) == Chaos.undisturbed.value)
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        #expect(crowd.count == 80)
    }

    /// Silent, slow and talkative strangers at both doors are put out and counted, whatever they get to first.
    @Test func strangersAtBothDoorsEndWithTheSameModel() async throws {
        var dice = SeededDice(seed: 2026)
        let federation = try await Chaos.federation()
        let coordinator = try await federation.serve(Chaos.overrides)
        let listening = try await coordinator.waitForLine(containing: "listening on")
        let ports = listening.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
        var workers = try await Chaos.joinAll(federation)
        try await coordinator.waitForLine(containing: "round 1/")
        // Without this one the run does not end before the strangers are gone.
        try await Chaos.kill(workers[2])
        var noisy: [Stranger] = []
        for port in ports {
            for length in [1, 100, 5000, 20_000] {
                let stranger = try #require(Stranger(port: port))
                stranger.send((0..<length).map { _ in UInt8.random(in: 0..<255, using: &dice) })
                noisy.append(stranger)
            }
        }
        var silent: [Stranger] = []
        var greeting: [Stranger] = []
        var slow: [(stranger: Stranger, rest: ArraySlice<UInt8>)] = []
        for (port, name) in zip(ports, ["fedcoord/1", "fedcoord-enrol/1"]) {
            for _ in 0..<3 {
                let hello = Stranger.clientHello(
                    for: name, key: (0..<32).map { _ in UInt8.random(in: 0...255, using: &dice) })
                silent.append(try #require(Stranger(port: port)))
                greeting.append(try #require(Stranger(port: port)))
                greeting.last?.send(hello)
                slow.append((try #require(Stranger(port: port)), hello[...]))
            }
        }
        let strangers = noisy + silent + greeting + slow.map(\.stranger)
        for _ in 0..<120 where !strangers.allSatisfy({ $0.hasEnded() }) {
            for index in slow.indices { slow[index].stranger.send(slow[index].rest.popFirst().map { [$0] } ?? []) }
            try await Task.sleep(for: .seconds(1))
        }
        #expect(strangers.allSatisfy { $0.hasEnded() })
        #expect(greeting.allSatisfy { $0.received.first == 0x16 }, "the hello was answered")
        #expect(coordinator.output.contains("did not complete the handshake in time"), "\(coordinator.output)")
        workers[2] = try Chaos.join(3, federation)
        #expect(try await Chaos.model(of: coordinator) == Chaos.undisturbed.value)
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        let counted = coordinator.lines.first { $0.contains("connections were turned away") }
        let count = counted?.split(separator: " ").compactMap { Int($0) }.first
        // A worker's handshake may fail beside theirs, and who leaves before the handshake is nobody.
        #expect((strangers.count - 2...strangers.count + 4).contains(count ?? 0), "\(coordinator.output)")
    }
}
