// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Workers that hang, take turns, or are put aside; and what the coordinator says about it.
@Suite(.serialized, .timeLimit(.minutes(8))) struct LivenessEndToEndTests {
    /// A stopped process keeps its connection: only its silence gives it away.
    @Test func aSilentWorkerDoesNotHoldTheRound() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve([
            "rounds=3", "training.epochs=200", "cohort.minimumWorkers=3", "cohort.quorum=0.6",
        ])
        var workers: [Program] = []
        for index in 1...3 { workers.append(try await federation.joinNew("w\(index)", shard: "\(index)/3")) }
        try await workers[1].waitForLine(containing: "round 1")
        workers[1].send(SIGSTOP)
        let gone = try await coordinator.waitForLine(containing: "w2 is gone", seconds: 120)
        #expect(gone.contains("nothing for more than three heartbeats"), "\(gone)")
        workers[1].send(SIGCONT)
        #expect(try await coordinator.waitForExit(seconds: 240) == 0, "\(coordinator.output)")
    }

    /// A worker that stands still for a while sends an update that is late: it counts in a later round, what its codec left out stays
    /// with the worker, and the record of the run can be replayed.
    @Test func aLateUpdateWithAResidualCountsLater() async throws {
        let federation = try await TestFederation()
        let report = federation.folder.appendingPathComponent("report.json")
        let coordinator = try await federation.serve(
            [
                "name=late", "rounds=60", "training.epochs=100", "cohort.minimumWorkers=3", "cohort.quorum=0.6",
                "cohort.deadlineSeconds=3", "cohort.late=fold", "cohort.staleness=60",
                "uplink={codec: sbc, density: 0.05}",
                "downlink={codec: stc, density: 0.1}", "keepJournals=true",
            ], more: ["--report", report.path])
        var workers: [Program] = []
        for index in 1...2 { workers.append(try await federation.joinNew("w\(index)", shard: "\(index)/3")) }
        try await workers[1].waitForLine(containing: "connected as")
        workers[1].send(SIGSTOP)
        workers.append(try await federation.joinNew("w3", shard: "3/3"))
        try await coordinator.waitForLine(containing: "round 1/60", seconds: 120)
        workers[1].send(SIGCONT)
        #expect(try await coordinator.waitForExit(seconds: 240) == 0, "\(coordinator.output)")
        for worker in workers { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        let rounds = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: report)) as? [String: Any])["rounds"]
        let folded = try #require(rounds as? [[String: Any]]).flatMap { $0["folded"] as? [String] ?? [] }
        // Where all of this took longer than three heartbeats, it was lost and not late.
        #expect(
            folded.contains("w2") || coordinator.output.contains("w2 is gone"),
            "\(coordinator.output)\n\(workers[1].output)")
        let replay = try Program("fedcoord", ["run", "replay", "late-1", "--directory", federation.directory])
        #expect(try await replay.waitForExit() == 0, "\(replay.output)")
    }

    @Test func twoProgramsWithOneIdentityDoNotTakeTurnsForEver() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["cohort.minimumWorkers=9"])
        let older = try await federation.joinNew("a", shard: "1/1")
        try await older.waitForLine(containing: "connected as a")
        try FileManager.default.copyItem(atPath: federation.state("a"), toPath: federation.state("b"))
        let newer = try federation.join("b", more: ["--data", "digits"])
        try await newer.waitForLine(containing: "connected as a")
        #expect(try await older.waitForExit() == 4)
        #expect(older.output.contains("has connected again from elsewhere"), "\(older.output)")
        let joined = coordinator.lines.count { $0.contains("a is here") }
        #expect(joined == 2, "\(coordinator.output)")
        #expect(!newer.output.contains("elsewhere"))
    }

    @Test func runWhySaysWhatIsWaitedFor() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["rounds=1", "name=slow", "cohort.minimumWorkers=2"])
        func why(_ more: [String] = []) async throws -> Program {
            let program = try Program("fedcoord", ["run", "why", "slow-1", "--directory", federation.directory] + more)
            #expect(try await program.waitForExit() == 0, "\(program.output)")
            return program
        }
        let first = try await federation.joinNew("w1", shard: "1/2")
        try await coordinator.waitForLine(containing: "w1 is here")
        var waiting = try await why()
        for _ in 0..<100 where !waiting.output.contains("now 1") {
            try await Task.sleep(for: .milliseconds(100))
            waiting = try await why()
        }
        #expect(
            waiting.output.contains("the next round begins when 2 workers are connected, now 1"), "\(waiting.output)")
        let json = try await why(["--format", "json"])
        #expect(json.output.contains("\"phase\" : \"workers\""), "\(json.output)")
        let second = try await federation.joinNew("w2", shard: "2/2")
        #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
        for worker in [first, second] { #expect(try await worker.waitForExit() == 0, "\(worker.output)") }
        let over = try await why()
        #expect(over.output.contains("the run is over"), "\(over.output)")
        #expect(over.output.contains("round 1 made a model of the updates of 2 of 2 workers"), "\(over.output)")
    }

    @Test func aQuarantinedWorkerComesBackWhenItIsReleased() async throws {
        let federation = try await TestFederation()
        let coordinator = try await federation.serve(["cohort.minimumWorkers=9"])
        let worker = try await federation.joinNew("a", shard: "1/1")
        try await worker.waitForLine(containing: "connected as a")
        func node(_ arguments: [String]) async throws -> Program {
            let program = try Program("fedcoord", ["node"] + arguments + ["--directory", federation.directory])
            #expect(try await program.waitForExit() == 0, "\(program.output)")
            return program
        }
        _ = try await node(["quarantine", "a", "--reason", "strange updates"])
        try await coordinator.waitForLine(containing: "a is in quarantine: strange updates")
        try await worker.waitForLine(containing: "strange updates")
        let shown = try await node(["show", "a"])
        #expect(shown.output.contains("in quarantine") && shown.output.contains("strange updates"), "\(shown.output)")
        let list = try await node(["list"])
        #expect(list.output.contains("quarantined"), "\(list.output)")
        let mistyped = try await node(["quarantine", "aa"])
        #expect(mistyped.output.contains("no worker aa has enrolled; did you mean a?"), "\(mistyped.output)")
        _ = try await node(["release", "a"])
        try await coordinator.waitForLine(containing: "a is released")
        for _ in 0..<600 where coordinator.lines.count(where: { $0.contains("a is here") }) < 2 {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(coordinator.lines.count { $0.contains("a is here") } == 2, "\(coordinator.output)")
        worker.send(SIGTERM)
        _ = try await worker.waitForExit()
    }
}
