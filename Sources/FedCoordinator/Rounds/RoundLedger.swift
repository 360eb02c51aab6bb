// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore

/// Which stored updates the sum of a round consists of, without their payloads.
package struct RoundLedger: Equatable, Sendable {
    /// What becomes of an update that is on the disk.
    package enum Fate: Equatable, Sendable {
        /// It is added to the sum.
        case counts
        /// It is part of the sum.
        case isThere
        /// It is not part of this attempt of the round; another one may count it.
        case isLeft
    }

    /// The round.
    package let round: RoundID
    /// The round's own updates, by worker.
    package private(set) var accepted: [WorkerID: AcceptedUpdate] = [:]
    /// The updates of earlier rounds, by worker.
    package private(set) var folded: [WorkerID: FoldedUpdate] = [:]
    /// The workers whose stored updates this attempt does not count; another one may.
    package private(set) var uncounted: Set<WorkerID> = []
    /// The updates of earlier rounds that are on the disk and not in the sum, by worker.
    private var unfolded: [WorkerID: RoundID] = [:]
    private let chosen: Set<WorkerID>

    /// The workers whose updates are part of the sum.
    package var workers: Set<WorkerID> { Set(accepted.keys).union(folded.keys) }

    /// Nothing is part of the sum.
    package init(of plan: RoundPlan) {
        round = plan.round
        chosen = Set(plan.assignments.map(\.worker))
    }

    /// Whether an update that was read from the journal is added to the sum: the first of its worker, if its worker was chosen.
    package mutating func admits(_ worker: WorkerID, of round: RoundID) -> Bool {
        guard !holds(worker, of: round) else { return false }
        guard chosen.contains(worker) || round != self.round else {
            uncounted.insert(worker)
            return false
        }
        return true
    }

    /// The update of a worker and round that is part of the sum; nil if none is.
    package func update(of worker: WorkerID, madeIn round: RoundID) -> AcceptedUpdate? {
        if round == self.round { return accepted[worker] }
        return folded[worker].flatMap { $0.round == round ? $0.update : nil }
    }

    /// Whether an update of a worker and round is part of the sum.
    package func holds(_ worker: WorkerID, of round: RoundID) -> Bool { update(of: worker, madeIn: round) != nil }

    /// Whether whatever the ledger of an attempt before knows to be on the disk is known here, too: if not, it was stored while
    /// the journal was being read.
    package func covers(_ earlier: RoundLedger) -> Bool {
        guard earlier.round == round else { return true }
        return earlier.uncounted.allSatisfy { accepted[$0] != nil || uncounted.contains($0) }
            && earlier.unfolded.allSatisfy { holds($0.key, of: $0.value) }
    }

    /// What becomes of an update that is on the disk, given the engine of its attempt.
    package func fate(of worker: WorkerID, of round: RoundID, in engine: borrowing RoundEngine) -> Fate {
        guard !holds(worker, of: round) else { return .isThere }
        return engine.counts(worker, round: round) ? .counts : .isLeft
    }

    /// Notes that an update of `round` is part of the sum.
    package mutating func keep(_ update: AcceptedUpdate, of round: RoundID) {
        precondition(!holds(update.worker, of: round), "an update is counted once")
        if round == self.round {
            accepted[update.worker] = update
        } else {
            folded[update.worker] = FoldedUpdate(round: round, update: update)
        }
    }

    /// Forgets what `worker` shares with its updates.
    package mutating func forgetStatistics(of worker: WorkerID) {
        accepted[worker]?.statistics = nil
        folded[worker]?.update.statistics = nil
    }

    /// Notes that an update of `round` is on the disk and not in the sum: until the round is over nobody can say whether it
    /// will be.
    package mutating func leave(_ worker: WorkerID, of round: RoundID) {
        if round == self.round { uncounted.insert(worker) } else { unfolded[worker] = round }
    }

    /// Notes that the round's own update of a worker was taken out of the sum; returns it, if it was there.
    package mutating func takeOut(_ worker: WorkerID) -> AcceptedUpdate? { accepted.removeValue(forKey: worker) }
}
