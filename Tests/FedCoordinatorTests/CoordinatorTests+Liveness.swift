// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedTransport
import FedWire
import Foundation
import Testing

/// Late updates, more workers than needed, derived deadlines, sessions that replace each other, quarantine.
extension CoordinatorTests {
    /// Waits until something was observed.
    static func wait(
        for events: EventLog, _ isWanted: @Sendable (CoordinatorEvent) -> Bool
    ) async {
        while !events.all.contains(where: isWanted), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }

    static func lateConfig() throws -> RunConfig {
        var config = try config(rounds: 3, workers: 2, quorum: 0.5, deadline: 10)
        config.cohort.late = .fold
        return config
    }

    /// A worker that is always in time, and waits in round 2 until a late update is in it; in its `life` it may wait for ever.
    static func punctual(_ federation: Federation, waitsForEver: Bool = false) throws -> FakeWorker {
        FakeWorker(name: try WorkerID("a")) { assignment, _ in
            if assignment.round == RoundID(2) {
                await wait(for: federation.events) { if case .folded = $0 { !waitsForEver } else { false } }
            }
            return FakeWorker.Answer(change: [1, 1, 1, 1])
        }
    }

    /// A worker that sends its first update when the second round has begun.
    static func dawdler(_ federation: Federation) throws -> FakeWorker {
        FakeWorker(name: try WorkerID("b")) { assignment, _ in
            if assignment.round == RoundID(1) {
                await wait(for: federation.events) {
                    if case .roundStarted(RoundID(2), _) = $0 { true } else { false }
                }
            }
            return FakeWorker.Answer(change: [9, 9, 9, 9])
        }
    }

    /// Round 1 is a's, round 2 a's and with 45/64 of its weight b's first, round 3 that of both.
    static let foldedLoss: Double = 1.0 + (64.0 + 405.0) / 109.0 + 5.0

    @Test func aLateUpdateIsFoldedIntoTheNextRoundWithLessWeight() async throws {
        let federation = try await Self.federation(Self.lateConfig())
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await Self.run(
            federation, [try Self.punctual(federation), try Self.dawdler(federation)])
        #expect(abs(try #require(report.final.loss) - Self.foldedLoss) < 1e-5)
        #expect(verdicts[1].filter { $0 == .accepted }.count == 2)
        let records = try await federation.store.rounds(of: report.run).compactMap(\.record)
        #expect(records.map { $0.late.map(\.worker.rawValue) } == [["b"], [], []])
        #expect(records.map { $0.folded.map(\.round.rawValue) } == [[], [1], []])
        #expect(records.map(\.participants.count) == [2, 1, 2], "a worker that is late is left alone")
        #expect(report.rounds.map { $0.folded.map(\.rawValue) } == [[], ["b"], []])
        #expect(report.rounds.map { $0.late.map(\.rawValue) } == [["b"], [], []])
    }

    /// The coordinator stops when the late update is on disk and its round is still open.
    @Test func anAcknowledgedLateUpdateSurvivesARestart() async throws {
        let store = MemoryRunStore()
        let first = try await Self.federation(Self.lateConfig(), store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        let interrupted = Task {
            try await Self.run(first, [try Self.punctual(first, waitsForEver: true), try Self.dawdler(first)])
        }
        await Self.wait(for: first.events) { if case .folded = $0 { true } else { false } }
        interrupted.cancel()
        _ = await interrupted.result
        #expect(try await store.runs().first?.state == .running)

        let second = try await Self.federation(Self.lateConfig(), store: store)
        defer { try? FileManager.default.removeItem(at: second.folder) }
        let (report, _) = try await Self.run(
            second, [try Self.worker("a", adding: [1, 1, 1, 1]), try Self.worker("b", adding: [9, 9, 9, 9])])
        let records = try await store.rounds(of: report.run).compactMap(\.record)
        #expect(records.map { $0.folded.map(\.round.rawValue) } == [[], [1], []])
        #expect(abs(try #require(report.final.loss) - Self.foldedLoss) < 1e-5)
    }

    @Test func theFirstUpdatesMakeTheModelWhereMoreAreAsked() async throws {
        var config = try Self.config(rounds: 1, workers: 4)
        config.cohort.fraction = 0.5
        config.cohort.overSelection = 1.6
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let slow = try ["c", "d"].map { name in
            FakeWorker(name: try WorkerID(name)) { _, _ in
                await Self.wait(for: federation.events) { if case .runFinished = $0 { true } else { false } }
                return nil
            }
        }
        let (report, _) = try await Self.run(
            federation,
            [try Self.worker("a", adding: [1, 1, 1, 1]), try Self.worker("b", adding: [3, 3, 3, 3])] + slow)
        #expect(report.rounds[0].participants == 4)
        #expect(report.rounds[0].accepted == 2)
        #expect(report.final.loss == 2)
    }

    @Test func aDerivedDeadlineFollowsFromTheRecords() async throws {
        var config = try Self.config(rounds: 6, workers: 1)
        config.cohort.deadlineSeconds = .auto
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, _) = try await Self.run(federation, [try Self.worker("a", adding: [1, 1, 1, 1])])
        let rounds = try await federation.store.rounds(of: report.run)
        for (index, round) in rounds.enumerated() {
            let earlier = ArrivalHistory(rounds.prefix(index).compactMap(\.record))
            #expect(round.plan.deadlineSeconds == earlier.deadlineSeconds)
            #expect(round.record?.accepted.first?.arrivalSeconds != nil)
        }
        #expect(rounds.first?.plan.deadlineSeconds == ArrivalHistory.firstDeadline)
        #expect(rounds.last.map { $0.plan.deadlineSeconds < ArrivalHistory.firstDeadline } == true)
    }

    /// The older of two sessions of a worker ends for good, so that two programs with one identity do not take turns for ever.
    @Test func theNewerOfTwoSessionsOfAWorkerCounts() async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let name = try WorkerID("a")
        let events = federation.events
        let isReplaced: @Sendable (CoordinatorEvent) -> Bool = {
            if case .workerJoined = $0 {
                events.all.count { if case .workerJoined = $0 { true } else { false } } == 2
            } else {
                false
            }
        }
        let older = FakeWorker(name: name) { _, _ in
            await Self.wait(for: events, isReplaced)
            return FakeWorker.Answer(change: [100, 0, 0, 0])
        }
        let end = Task { () -> PeerError? in
            do {
                _ = try await InProcessTransport.withPair(
                    client: { try await older.work(over: $0) },
                    server: { await federation.coordinator.converse(with: name, over: $0) })
                return nil
            } catch let error as PeerError {
                return error
            } catch let error as TransportError {
                return error.peerError
            }
        }
        let run = Task { try await federation.coordinator.carryOut() }
        await Self.wait(for: events) { if case .roundStarted = $0 { true } else { false } }
        let newer = try Self.worker("a", adding: [1, 1, 1, 1])
        let verdicts = VerdictLog()
        try await InProcessTransport.withPair(
            client: { verdicts.add(try await newer.work(over: $0), of: name) },
            server: { await federation.coordinator.converse(with: name, over: $0) })
        let report = try await run.value
        #expect(verdicts.of(name) == [.accepted])
        #expect(report.final.loss == 1 && report.rounds[0].accepted == 1)
        let reason = try await end.value
        #expect(reason?.code == .replaced)
        #expect(reason?.isPassing == false)
    }

    @Test func whoIsRefusedTooOftenIsQuarantinedUntilItIsReleased() async throws {
        var config = try Self.config(rounds: 5, workers: 2, quorum: 0.5)
        config.limits.refusalsInARow = 2
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let bad = FakeWorker(name: try WorkerID("bad")) { _, _ in
            FakeWorker.Answer(change: [1e9, 0, 0, 0])
        }
        let good = try Self.worker("good", adding: [1, 1, 1, 1])
        let end = Task { () -> PeerError? in
            do {
                _ = try await InProcessTransport.withPair(
                    client: { try await bad.work(over: $0) },
                    server: { await federation.coordinator.converse(with: bad.name, over: $0) })
                return nil
            } catch let error as PeerError {
                return error
            } catch let error as TransportError {
                return error.peerError
            }
        }
        let (report, _) = try await Self.run(federation, [good])
        let reason = try await end.value
        #expect(reason?.code == .quarantined)
        #expect(reason?.isPassing == true, "it may come back when it is released")
        #expect(reason?.message.contains("refused 2 times in a row") == true, "\(reason?.message ?? "")")
        #expect(report.rounds.map(\.refused).reduce(0, +) == 2)
        #expect(report.rounds.count == 5)
        #expect(report.quarantined.keys.sorted() == ["bad"])
        let stored = try await federation.store.quarantined()
        #expect(stored.map(\.worker) == [bad.name])

        // It is not let in, also after a restart, until it is released.
        let again = try await Self.federation(Self.config(rounds: 5, workers: 1), store: federation.store)
        defer { try? FileManager.default.removeItem(at: again.folder) }
        await again.coordinator.expelTheUnwelcome()
        let error = await #expect(throws: PeerError.self) {
            try await InProcessTransport.withPair(
                client: { _ = try await bad.work(over: $0) },
                server: { await again.coordinator.converse(with: bad.name, over: $0) })
        }
        #expect(error?.code == .quarantined)
        #expect(try await federation.store.release(bad.name))
        await again.coordinator.expelTheUnwelcome()
        let released = try Self.worker("bad", adding: [2, 2, 2, 2])
        let (after, _) = try await Self.run(again, [released])
        #expect(after.rounds.allSatisfy { $0.accepted == 1 })
    }
}
