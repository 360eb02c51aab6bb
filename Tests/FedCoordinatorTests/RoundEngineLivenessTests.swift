// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

/// What a round waits for past its deadline, and what it does with more workers or later updates than it wants.
@Suite struct RoundEngineLivenessTests {
    static func engine(
        workers: Int, quorum: Int, wanted: Int? = nil, deadline: Double = 100, late: LatePolicy = .refuse,
        overdue: [WorkerAssignment] = [], folded: Set<WorkerID> = []
    ) throws -> RoundEngine {
        var plan = try RoundEngineTests.plan(workers: workers, quorum: quorum, wanted: wanted, deadline: deadline)
        if !overdue.isEmpty {
            plan.round = RoundID(2)
            plan.baseVersion = ModelVersion(1)
            for index in plan.assignments.indices {
                plan.assignments[index].round = plan.round
                plan.assignments[index].baseVersion = plan.baseVersion
            }
        }
        return RoundEngine(plan: plan, late: late, overdue: overdue, folded: folded, now: 0)
    }

    @Test func anUploadThatMovesIsWaitedForUntilItStands() throws {
        let workers = try RoundEngineTests.names(2)
        var engine = try Self.engine(workers: 2, quorum: 1)
        #expect(engine.stillness == 10)
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(RoundEngineTests.offer(&engine, workers[0], now: 1) == .receive)
        _ = engine.stored(workers[0], now: 2)
        #expect(RoundEngineTests.offer(&engine, workers[1], now: 95) == .receive)
        #expect(engine.timePassed(now: 100) == [.wake(at: 105)])
        engine.received(workers[1], bytes: 7, now: 104)
        #expect(engine.timePassed(now: 105) == [.wake(at: 114)])
        #expect(engine.paces[workers[1]]?.bytes == 7)
        #expect(engine.timePassed(now: 114) == [.cancel(workers[1]), .close(.complete)])
        #expect(engine.secondsAtWork(workers[0]) == 2)
        #expect(engine.secondsAtWork(workers[1]) == 114)
    }

    @Test func anUploadThatMovesForEverIsCutAtTheLimit() throws {
        let workers = try RoundEngineTests.names(1)
        var engine = try Self.engine(workers: 1, quorum: 1)
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(RoundEngineTests.offer(&engine, workers[0], now: 1) == .receive)
        for second in 2..<200 {
            engine.received(workers[0], bytes: 1, now: Double(second))
            let actions = engine.timePassed(now: Double(second))
            #expect(!actions.contains { if case .close = $0 { true } else { false } })
        }
        #expect(engine.timePassed(now: 200) == [.close(.short(accepted: 0, quorum: 1))])
    }

    /// Half of it done at the deadline is done at the limit, and a hundredth is not.
    @Test(arguments: [(0.6, true), (0.4, false), (0.0, false)])
    func trainingIsWaitedForIfItEndsInTime(share: Double, isAwaited: Bool) throws {
        let workers = try RoundEngineTests.names(1)
        var engine = try Self.engine(workers: 1, quorum: 1)
        _ = engine.start(connected: Set(workers), now: 0)
        engine.trained(workers[0], share: share, now: 98)
        #expect(
            engine.timePassed(now: 100)
                == (isAwaited ? [.wake(at: 108)] : [.close(.short(accepted: 0, quorum: 1))]))
    }

    @Test func aMovingWorkerThatLosesItsConnectionHasTheUsualTimeToComeBack() throws {
        let workers = try RoundEngineTests.names(2)
        var engine = try Self.engine(workers: 2, quorum: 1)
        _ = engine.start(connected: Set(workers), now: 0)
        for worker in workers { #expect(RoundEngineTests.offer(&engine, worker, now: 99) == .receive) }
        _ = engine.stored(workers[0], now: 99)
        #expect(engine.timePassed(now: 100) == [.wake(at: 109)])
        #expect(engine.receiveFailed(workers[1], now: 103) == [.wake(at: 104)])
        #expect(RoundEngineTests.offer(&engine, workers[1], now: 103.5) == .receive)
        #expect(engine.timePassed(now: 104) == [.wake(at: 113.5)])
        #expect(engine.stored(workers[1], now: 105) == [.close(.complete)])
    }

    @Test func aRoundThatAsksMoreThanItWantsClosesWithTheFirst() throws {
        let workers = try RoundEngineTests.names(4)
        var engine = try Self.engine(workers: 4, quorum: 2, wanted: 3)
        _ = engine.start(connected: Set(workers), now: 0)
        for worker in workers[1...2] {
            #expect(RoundEngineTests.offer(&engine, worker, now: 1) == .receive)
            #expect(engine.stored(worker, now: 1) == [])
        }
        #expect(RoundEngineTests.offer(&engine, workers[3], now: 2) == .receive)
        #expect(engine.stored(workers[3], now: 2) == [.cancel(workers[0]), .close(.complete)])
        #expect(RoundEngineTests.offer(&engine, workers[0], now: 3) == .refuse(.init(.late, "round 1 is closed")))
    }

    @Test func nobodyIsAskedWhereAllThatIsWantedIsStored() throws {
        let workers = try RoundEngineTests.names(3)
        let plan = try RoundEngineTests.plan(workers: 3, quorum: 1, wanted: 2)
        var engine = RoundEngine(plan: plan, stored: Set(workers.prefix(2)), now: 0)
        #expect(engine.start(connected: Set(workers), now: 0) == [.close(.complete)])
    }

    // MARK: Late updates

    static func overdue(_ worker: WorkerID) throws -> WorkerAssignment {
        let plan = try RoundEngineTests.plan(workers: 4, quorum: 1)
        return try #require(plan.assignments.first { $0.worker == worker })
    }

    @Test func whereLateUpdatesAreFoldedNobodyIsToldToStop() throws {
        let workers = try RoundEngineTests.names(2)
        var engine = try Self.engine(workers: 2, quorum: 1, late: .fold)
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(RoundEngineTests.offer(&engine, workers[0]) == .receive)
        _ = engine.stored(workers[0], now: 3)
        #expect(engine.timePassed(now: 100) == [.close(.complete)])
        let isAtWork = engine.isAtWork(workers[1])
        #expect(isAtWork)
        guard case .refuse(let refusal) = RoundEngineTests.offer(&engine, workers[1], now: 101) else {
            Issue.record("a closed round takes nothing")
            return
        }
        #expect(refusal.code == .unavailable, "it may still go into the next round")
    }

    @Test func anOverdueUpdateCountsOnceAndClosesNothing() throws {
        let workers = try RoundEngineTests.names(4)
        let late = workers[3]
        var engine = try Self.engine(workers: 2, quorum: 2, late: .fold, overdue: [try Self.overdue(late)])
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(RoundEngineTests.offer(&engine, late, now: 1) == .receive)
        #expect(engine.receiveFailed(late, round: RoundID(1), now: 1) == [])
        #expect(RoundEngineTests.offer(&engine, late, now: 2) == .receive)
        #expect(
            RoundEngineTests.offer(&engine, late, now: 2)
                == .refuse(.init(.unavailable, "another update for this round is being received")))
        let counts = engine.counts(late, round: RoundID(1))
        #expect(counts)
        #expect(engine.stored(late, round: RoundID(1), now: 3) == [])
        #expect(RoundEngineTests.offer(&engine, late, now: 4) == .alreadyAccepted)
        let (countsAgain, accepted) = (engine.counts(late, round: RoundID(1)), engine.acceptedCount)
        #expect(!countsAgain && accepted == 0)
        // Somebody else, or another round, is not awaited.
        #expect(
            RoundEngineTests.offer(&engine, workers[2], now: 4)
                == .refuse(.init(.wrongRound, "round 1 is not open; the open round is 2")))
    }

    @Test func anOverdueUpdateOfTheJournalIsThereAlready() throws {
        let late = try RoundEngineTests.names(4)[3]
        var engine = try Self.engine(
            workers: 2, quorum: 2, late: .fold, overdue: [try Self.overdue(late)], folded: [late])
        _ = engine.start(connected: [], now: 0)
        #expect(RoundEngineTests.offer(&engine, late, now: 1) == .alreadyAccepted)
    }

    @Test func anOverdueUpdateThatIsRefusedStaysRefused() throws {
        let late = try RoundEngineTests.names(4)[3]
        var engine = try Self.engine(workers: 2, quorum: 2, late: .fold, overdue: [try Self.overdue(late)])
        _ = engine.start(connected: [], now: 0)
        #expect(RoundEngineTests.offer(&engine, late, now: 1) == .receive)
        #expect(engine.refused(late, round: RoundID(1), .init(.badValues, "NaN"), now: 1) == [])
        #expect(RoundEngineTests.offer(&engine, late, now: 2) == .refuse(.init(.badValues, "NaN")))
    }
}
