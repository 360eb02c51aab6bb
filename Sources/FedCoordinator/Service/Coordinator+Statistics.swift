// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// Runs of which only some workers train adversarially, and share the statistics of their batch normalisation.
extension Coordinator {
    /// The connected workers that train adversarially.
    var adversarialWorkers: Set<WorkerID> { Set(sessions.filter(\.value.trainsAdversarially).keys) }

    /// Whether workers begin a round with adversarial statistics.
    var knowsStatistics: Bool { robustness?.hasSources ?? false }

    /// Says what a worker that has connected agrees to; what it shared before is forgotten if it no longer does.
    func noteConsent(of session: WorkerSession) {
        guard config.strategy.propagatesRobustness else { return }
        guard !session.sharesStatistics else {
            if withdrawn.remove(session.worker) != nil { keepWithdrawn() }
            return observe(.sharesStatistics(session.worker))
        }
        if session.trainsAdversarially { observe(.keepsAdversarialStatistics(session.worker)) }
        let shared =
            robustness?.knows(session.worker) == true || open?.ledger.accepted[session.worker]?.statistics != nil
        if forgetStatistics(of: session.worker), shared { observe(.withdrewStatistics(session.worker)) }
    }

    /// Forgets what a worker has shared, on disk, too, until it comes back and agrees to share: it does not agree any more, or may no
    /// longer take part. False where it was forgotten before, or nothing is shared in this run.
    @discardableResult
    func forgetStatistics(of worker: WorkerID) -> Bool {
        guard robustness != nil, ended == nil, withdrawn.insert(worker).inserted else { return false }
        robustness?.forget(worker)
        keepWithdrawn()
        return true
    }

    /// Forgets what workers have shared that `isRevoked` knows, connected or not.
    package func forgetStatistics(where isRevoked: @Sendable (WorkerID) -> Bool) {
        for worker in robustness?.workers ?? [] where isRevoked(worker) { forgetStatistics(of: worker) }
    }

    /// Lets the disk know who has withdrawn, one write at a time.
    private func keepWithdrawn() {
        isWithdrawnKept = false
        guard !isKeepingWithdrawn else { return }
        isKeepingWithdrawn = true
        Task {
            while !isWithdrawnKept {
                isWithdrawnKept = true
                try? await records.withdraw(withdrawn)
            }
            isKeepingWithdrawn = false
        }
    }

    /// Takes up what was shared up to a model, and who has withdrawn; what workers have said meanwhile counts.
    func restoreStatistics(of version: ModelVersion) async throws {
        guard robustness != nil else { return }
        let kept = try await records.statistics(of: version)
        let agreeing = Set(sessions.values.filter(\.sharesStatistics).map(\.worker))
        let outdated = withdrawn.union(kept.withdrawn).union(quarantined.keys).subtracting(agreeing)
        try robustness?.restore(kept.records.filter { !outdated.contains($0.worker) })
        guard outdated != kept.withdrawn else { return withdrawn = outdated }
        withdrawn = outdated
        keepWithdrawn()
    }

    /// Says when a round begins without workers that train adversarially, if the round before had some.
    func noteAdversarialWorkers(of plan: RoundPlan) {
        guard let robustness else { return }
        let isWithout = plan.assignments.allSatisfy { $0.training.adversarialTerm == nil }
        defer { isWithoutAdversarialWorkers = isWithout }
        guard isWithout, !isWithoutAdversarialWorkers else { return }
        observe(.withoutAdversarialWorkers(plan.round, since: robustness.newestAdversarial))
    }

    /// Takes down what the updates of a closed round share; durably, before the round is committed.
    func takeStatistics(of closed: OpenRound, version: ModelVersion) async throws {
        guard var next = robustness else { return }
        try next.record(closed.ledger, except: withdrawn)
        try await records.keep(next.records, of: version)
        // Whoever has withdrawn while that was written is not brought back.
        for worker in withdrawn { next.forget(worker) }
        robustness = next
    }
}
