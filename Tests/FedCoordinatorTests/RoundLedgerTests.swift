// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Testing

/// Which stored updates are part of a round's sum.
@Suite struct RoundLedgerTests {
    static func update(_ worker: WorkerID, digest: String = "a") -> AcceptedUpdate {
        AcceptedUpdate(
            worker: worker, exampleCount: 10, weight: 10, payloadBytes: 4, payloadSHA256: digest,
            metrics: TrainingMetrics(loss: 1, accuracy: 0.5, seconds: 1))
    }

    @Test func theFirstUpdateOfAChosenWorkerIsAdmitted() throws {
        let workers = try RoundEngineTests.names(2)
        var ledger = RoundLedger(of: try RoundEngineTests.plan(workers: 1, quorum: 1))
        let isAdmitted = ledger.admits(workers[0], of: RoundID(1))
        #expect(isAdmitted)
        ledger.keep(Self.update(workers[0]), of: RoundID(1))
        let (isAdmittedAgain, isOtherAdmitted) = (
            ledger.admits(workers[0], of: RoundID(1)), ledger.admits(workers[1], of: RoundID(1))
        )
        #expect(!isAdmittedAgain && !isOtherAdmitted)
        #expect(ledger.uncounted == [workers[1]], "nobody asked for it in this attempt")
        #expect(ledger.update(of: workers[0], madeIn: RoundID(1)) == Self.update(workers[0]))
        let taken = ledger.takeOut(workers[0])
        #expect(taken == Self.update(workers[0]))
        #expect(!ledger.holds(workers[0], of: RoundID(1)))
    }

    /// What an attempt before knows to be on the disk must not be asked for again.
    @Test func anAttemptCoversWhatTheOneBeforeKnew() throws {
        let workers = try RoundEngineTests.names(2)
        let plan = try RoundEngineTests.plan(workers: 2, quorum: 1)
        var before = RoundLedger(of: plan)
        var after = RoundLedger(of: plan)
        #expect(after.covers(before))
        before.leave(workers[0], of: RoundID(1))
        #expect(!after.covers(before))
        after.keep(Self.update(workers[0]), of: RoundID(1))
        #expect(after.covers(before))
        var next = plan
        next.round = RoundID(2)
        #expect(RoundLedger(of: next).covers(before), "another round has another journal")
    }

    @Test func whatIsThereIsNotCountedAgain() throws {
        let workers = try RoundEngineTests.names(2)
        let plan = try RoundEngineTests.plan(workers: 2, quorum: 1)
        var ledger = RoundLedger(of: plan)
        var engine = RoundEngine(plan: plan, now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        let fate = ledger.fate(of: workers[0], of: RoundID(1), in: engine)
        #expect(fate == .counts)
        ledger.keep(Self.update(workers[0]), of: RoundID(1))
        let again = ledger.fate(of: workers[0], of: RoundID(1), in: engine)
        #expect(again == .isThere)
        _ = engine.declined(workers[1], round: RoundID(1), reason: "no data", now: 1)
        let late = ledger.fate(of: workers[1], of: RoundID(1), in: engine)
        #expect(late == .isLeft)
    }

    @Test func anotherUpdateThanTheCountedOneIsNotCalledAccepted() throws {
        let worker = try RoundEngineTests.names(1)[0]
        let digest = [UInt8](repeating: 0xAA, count: 32)
        let accepted = Self.update(worker, digest: String(repeating: "aa", count: 32))
        #expect(
            OfferRules.verdict(onRepetitionOf: RoundID(1), by: worker, sha256: digest, accepted: accepted)
                == .alreadyAccepted)
        let other = OfferRules.verdict(
            onRepetitionOf: RoundID(1), by: worker, sha256: [UInt8](repeating: 1, count: 32), accepted: accepted)
        guard case .refuse(let refusal) = other else {
            Issue.record("it is another update")
            return
        }
        #expect(refusal.code == .anotherUpdate)
    }
}
