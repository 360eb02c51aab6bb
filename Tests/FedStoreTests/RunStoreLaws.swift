// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Testing

/// What every `RunStore` must do, run over each implementation.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, sqlite

    var testDescription: String { rawValue }

    func make(in directory: TemporaryDirectory) throws -> any RunStore {
        switch self {
        case .memory: MemoryRunStore()
        case .sqlite: try SQLiteRunStore(directory: directory.path)
        }
    }
}

@Suite struct RunStoreLaws {
    let now = StoreFixture.now
    let directory: TemporaryDirectory
    let r1: RunID

    init() throws {
        directory = try TemporaryDirectory()
        r1 = try RunID("r1")
    }

    /// A store with a running run `r1`.
    private func running(_ kind: StoreKind) async throws -> any RunStore {
        let store = try kind.make(in: directory)
        try await store.createRun(StoreFixture.run(), now: now)
        try await store.setState(.running, of: r1, failure: nil, now: now + 1)
        return store
    }

    @Test(arguments: StoreKind.allCases) func recordsRuns(_ kind: StoreKind) async throws {
        let store = try kind.make(in: directory)
        #expect(try await store.runs().isEmpty)
        #expect(try await store.run(r1) == nil)
        try await store.createRun(StoreFixture.run("r2"), now: now + 5)
        try await store.createRun(StoreFixture.run("r1"), now: now)
        let run = try #require(try await store.run(r1))
        #expect(run.name == "A run")
        #expect(run.seed == UInt64.max - 1)
        #expect(run.state == .created)
        #expect(run.configuration == "seed: 1\n# \u{e4}\n")
        #expect(run.created == now)
        #expect(run.started == nil && run.ended == nil && run.failure == nil && run.modelSHA256 == nil)
        #expect(try await store.runs().map(\.id.rawValue) == ["r1", "r2"])
        await #expect(throws: StoreError(.alreadyExists, "")) {
            try await store.createRun(StoreFixture.run(), now: now)
        }
        await #expect(throws: StoreError(.missing, "")) {
            try await store.setState(.running, of: RunID("r9"), failure: nil, now: now)
        }
    }

    @Test(arguments: StoreKind.allCases) func movesForwardOnly(_ kind: StoreKind) async throws {
        for first in RunState.allCases {
            for second in RunState.allCases {
                let fresh = try TemporaryDirectory()
                let store = try kind.make(in: fresh)
                try await store.createRun(StoreFixture.run(), now: now)
                if first != .created {
                    if first == .finished { try await store.setState(.running, of: r1, failure: nil, now: now) }
                    try await store.setState(first, of: r1, failure: first == .failed ? "why" : nil, now: now + 1)
                }
                if first.canBecome(second) {
                    try await store.setState(second, of: r1, failure: "because", now: now + 2)
                    let run = try #require(try await store.run(r1))
                    #expect(run.state == second)
                    #expect(run.ended == (second.isFinal ? now + 2 : nil))
                    #expect(run.failure == (second == .failed ? "because" : nil))
                } else {
                    await #expect(throws: StoreError(.illegalTransition, ""), "\(first) → \(second)") {
                        try await store.setState(second, of: r1, failure: nil, now: now + 2)
                    }
                    #expect(try await store.run(r1)?.state == first)
                }
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func resumingKeepsTheStart(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        try await store.setState(.running, of: r1, failure: nil, now: now + 9)
        #expect(try await store.run(r1)?.started == now + 1)
    }

    @Test(arguments: StoreKind.allCases) func keepsPlansAndRecords(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        #expect(try await store.openRound(of: r1) == nil)
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now + 2)
        let open = try #require(try await store.openRound(of: r1))
        #expect(try open.plan == StoreFixture.plan(1))
        #expect(open.state == .planned && open.attempt == 1 && open.begun == now + 2 && open.record == nil)

        try await store.commitRound(StoreFixture.record(1), of: r1, next: StoreFixture.plan(2), now: now + 3)
        let rounds = try await store.rounds(of: r1)
        #expect(rounds.map(\.state) == [.committed, .planned])
        #expect(try rounds.first?.record == StoreFixture.record(1))
        #expect(rounds.first?.closed == now + 3)
        #expect(try await store.openRound(of: r1)?.round == RoundID(2))
        for round in rounds { #expect(try await store.round(round.round, of: r1) == round) }
        #expect(try await store.round(RoundID(3), of: r1) == nil)
        #expect(try await store.round(RoundID(1), of: RunID("r9")) == nil)
        #expect(try await store.run(r1)?.modelSHA256 == StoreFixture.record(1).modelSHA256)

        try await store.commitRound(StoreFixture.record(2), of: r1, next: nil, now: now + 4)
        #expect(try await store.openRound(of: r1) == nil)
        #expect(try await store.rounds(of: RunID("r9")).isEmpty)
    }

    @Test(arguments: StoreKind.allCases) func keepsADivergedLoss(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        try await store.commitRound(StoreFixture.record(1, loss: .infinity), of: r1, next: nil, now: now)
        #expect(try await store.rounds(of: r1).first?.record == StoreFixture.record(1, loss: .infinity))
    }

    @Test(arguments: StoreKind.allCases) func anAbandonedRoundMayBeTriedAgain(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        try await store.abandonRound(RoundID(1), of: r1, reason: "quorum", now: now + 1)
        #expect(try await store.openRound(of: r1) == nil)
        #expect(try await store.rounds(of: r1).first?.reason == "quorum")
        await #expect(throws: StoreError(.illegalTransition, "")) {
            try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        }
        try await store.beginRound(StoreFixture.plan(1, workers: ["c"]), of: r1, attempt: 2, now: now + 2)
        let open = try #require(try await store.openRound(of: r1))
        #expect(open.attempt == 2 && open.reason == nil && open.closed == nil)
        #expect(open.plan.assignments.map(\.worker.rawValue) == ["c"])
        #expect(try await store.rounds(of: r1).count == 1)
    }

    @Test(arguments: StoreKind.allCases) func anOpenRoundIsTriedAgainInOneStep(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        await #expect(throws: StoreError(.missing, "")) {
            try await store.retryRound(StoreFixture.plan(1), of: r1, reason: "quorum", now: now)
        }
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 3, now: now)
        await #expect(throws: StoreError(.missing, "")) {
            try await store.retryRound(StoreFixture.plan(2), of: r1, reason: "quorum", now: now)
        }
        try await store.retryRound(StoreFixture.plan(1, workers: ["c"]), of: r1, reason: "quorum", now: now + 2)
        let open = try #require(try await store.openRound(of: r1))
        #expect(open.state == .planned && open.attempt == 4 && open.begun == now + 2 && open.closed == nil)
        #expect(open.reason == "quorum")
        #expect(open.plan.assignments.map(\.worker.rawValue) == ["c"])
        #expect(try await store.rounds(of: r1) == [open])
        try await store.commitRound(StoreFixture.record(1), of: r1, next: nil, now: now + 3)
        #expect(try await store.rounds(of: r1).first?.reason == nil)
        await #expect(throws: StoreError(.illegalTransition, "")) {
            try await store.retryRound(StoreFixture.plan(1), of: r1, reason: "quorum", now: now)
        }
    }

    @Test(arguments: StoreKind.allCases) func refusesRoundsOutOfOrder(_ kind: StoreKind) async throws {
        let store = try kind.make(in: directory)
        let illegal = StoreError(.illegalTransition, "")
        let missing = StoreError(.missing, "")
        await #expect(throws: missing) {
            try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        }
        try await store.createRun(StoreFixture.run(), now: now)
        await #expect(throws: illegal) {
            try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        }
        try await store.setState(.running, of: r1, failure: nil, now: now)
        await #expect(throws: missing) {
            try await store.commitRound(StoreFixture.record(1), of: r1, next: nil, now: now)
        }
        await #expect(throws: missing) { try await store.abandonRound(RoundID(1), of: r1, reason: "", now: now) }
        await #expect(throws: illegal) {
            try await store.beginRound(StoreFixture.plan(0), of: r1, attempt: 1, now: now)
        }
        await #expect(throws: illegal) {
            try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 0, now: now)
        }
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        await #expect(throws: illegal) {
            try await store.beginRound(StoreFixture.plan(2), of: r1, attempt: 1, now: now)
        }
        await #expect(throws: illegal) {
            try await store.commitRound(StoreFixture.record(1), of: r1, next: StoreFixture.plan(3), now: now)
        }
        #expect(try await store.openRound(of: r1)?.round == RoundID(1))
        try await store.commitRound(StoreFixture.record(1), of: r1, next: nil, now: now)
        await #expect(throws: illegal) {
            try await store.commitRound(StoreFixture.record(1), of: r1, next: nil, now: now)
        }
        await #expect(throws: illegal) { try await store.abandonRound(RoundID(1), of: r1, reason: "", now: now) }
        await #expect(throws: illegal) {
            try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 2, now: now)
        }
    }

    @Test(arguments: StoreKind.allCases) func remembersWorkers(_ kind: StoreKind) async throws {
        let store = try kind.make(in: directory)
        try await store.noteWorker(WorkerID("b"), address: "10.0.0.2", agent: "fedworker/1", now: now)
        try await store.noteWorker(WorkerID("a"), address: "10.0.0.1", agent: "fedworker/1", now: now + 1)
        try await store.noteWorker(WorkerID("b"), address: "10.0.0.3", agent: "fedworker/2", now: now + 2)
        let workers = try await store.workers()
        #expect(workers.map(\.worker.rawValue) == ["a", "b"])
        let b = try #require(workers.last)
        #expect(b.firstSeen == now && b.lastSeen == now + 2 && b.address == "10.0.0.3" && b.agent == "fedworker/2")
    }

    @Test(arguments: StoreKind.allCases) func remembersWhoIsInQuarantine(_ kind: StoreKind) async throws {
        let store = try kind.make(in: directory)
        #expect(try await store.quarantined().isEmpty)
        try await store.quarantine(WorkerID("b"), reason: "first", now: now)
        try await store.quarantine(WorkerID("a"), reason: "NaN", now: now + 1)
        try await store.quarantine(WorkerID("b"), reason: "again", now: now + 2)
        let quarantined = try await store.quarantined()
        #expect(quarantined.map(\.worker.rawValue) == ["a", "b"])
        #expect(quarantined.map(\.reason) == ["NaN", "again"])
        #expect(quarantined.map(\.since) == [now + 1, now])
        #expect(try await store.release(WorkerID("b")))
        #expect(try await !store.release(WorkerID("b")))
        #expect(try await store.quarantined().map(\.worker.rawValue) == ["a"])
    }

    /// A journal holds late updates of earlier rounds beside its own.
    @Test(arguments: StoreKind.allCases) func keepsUpdatesOfEarlierRounds(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        let journal = try await store.journal(of: r1, round: RoundID(3))
        for round in [3, 1, 2] { try await journal.append(StoreFixture.update(round, round: round)) }
        await journal.close()
        let again = try await store.journal(of: r1, round: RoundID(3))
        #expect(try await StoreFixture.updates(again).map(\.round.rawValue) == [3, 1, 2])
    }

    @Test(arguments: StoreKind.allCases) func keepsUpdatesInOrder(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        let journal = try await store.journal(of: r1, round: RoundID(1))
        #expect(journal.recovery == JournalRecovery())
        let updates = try (1...5).map { try StoreFixture.update($0, payloadBytes: $0 == 2 ? 0 : 1000) }
        for update in updates { try await journal.append(update) }
        let read = try await StoreFixture.updates(journal)
        #expect(read.map(\.worker) == updates.map(\.worker))
        #expect(read.map(\.payload) == updates.map(\.payload))
        #expect(read.map(\.exampleCount) == updates.map(\.exampleCount))
        #expect(read[2].metrics.loss.isNaN)
        #expect(read.first == updates.first)

        let small = try await journal.cursor(limits: JournalLimits(maximumPayloadBytes: 999))
        await #expect(throws: StoreError(.limitExceeded, "")) { try await small.next() }
        await journal.close()
        let again = try await store.journal(of: r1, round: RoundID(1))
        #expect(again.recovery.recordCount == 5)
        await #expect(throws: StoreError(.missing, "")) {
            _ = try await store.journal(of: RunID("r9"), round: RoundID(1))
        }
    }

    @Test(arguments: StoreKind.allCases) func discardsOldJournals(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        for round in 1...3 {
            let journal = try await store.journal(of: r1, round: RoundID(round))
            try await journal.append(StoreFixture.update(1, round: round))
            await journal.close()
        }
        try await store.discardJournals(of: r1, before: RoundID(3))
        for round in 1...3 {
            let journal = try await store.journal(of: r1, round: RoundID(round))
            #expect(journal.recovery.recordCount == (round == 3 ? 1 : 0))
        }
        try await store.discardJournals(of: RunID("r9"), before: RoundID(3))
    }

    @Test(arguments: StoreKind.allCases) func keepsTheNewestCheckpoints(_ kind: StoreKind) async throws {
        let store = try await running(kind)
        #expect(try await store.checkpointVersions(of: r1).isEmpty)
        for version in [8, 9, 10, 11] {
            let checkpoint = try StoreFixture.checkpoint(version)
            let digest = try await store.saveCheckpoint(checkpoint)
            #expect(digest.model == ModelDigest.sha256(of: checkpoint.parameters))
            #expect(digest.state?.count == 64)
        }
        #expect(try await store.checkpointVersions(of: r1).map(\.rawValue) == [10, 11])
        let layout = try StoreFixture.layout()
        let loaded = try await store.checkpoint(of: r1, version: ModelVersion(11), layout: layout)
        #expect(try loaded == StoreFixture.checkpoint(11))
        await #expect(throws: StoreError(.missing, "")) {
            try await store.checkpoint(of: r1, version: ModelVersion(9), layout: layout)
        }
        let other = try ModelLayout([ParameterSpec(name: "x", shape: [9], role: .weight)])
        await #expect(throws: StoreError(.wrongModel, "")) {
            try await store.checkpoint(of: r1, version: ModelVersion(11), layout: other)
        }
    }
}
