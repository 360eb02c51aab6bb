// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

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
        newlyWithdrawn.insert(worker)
        robustness?.forget(worker)
        open?.ledger.forgetStatistics(of: worker)
        keepWithdrawn()
        return true
    }

    /// Forgets what revoked workers have shared, connected or not.
    func forgetTheRevoked(also workers: Set<WorkerID> = []) {
        guard let robustness else { return }
        for worker in robustness.workers.union(workers) where settings.isRevoked(worker) {
            forgetStatistics(of: worker)
        }
    }

    /// Lets the disk know who has withdrawn, one write at a time; tries again until it does.
    private func keepWithdrawn() {
        isWithdrawnKept = false
        guard areStatisticsRestored, !isKeepingWithdrawn else { return }
        isKeepingWithdrawn = true
        Task {
            defer { isKeepingWithdrawn = false }
            var isKnownToFail = false
            while !isWithdrawnKept, ended == nil {
                isWithdrawnKept = true
                do { try await records.withdraw(withdrawn) } catch {
                    isWithdrawnKept = false
                    if !isKnownToFail { observe(.withdrawalNotKept("\(error)")) }
                    isKnownToFail = true
                    guard (try? await clock.sleep(settings.roomInterval)) != nil else { return }
                }
            }
        }
    }

    /// Takes up what was shared up to a model, and who has withdrawn; what workers have said meanwhile counts.
    func restoreStatistics(of version: ModelVersion) async throws {
        guard robustness != nil else { return }
        let kept = try await records.statistics(of: version)
        let agreeing = Set(sessions.values.filter(\.sharesStatistics).map(\.worker))
        withdrawn = withdrawn.union(kept.withdrawn).union(quarantined.keys).subtracting(agreeing)
            .union(kept.records.map(\.worker).filter(settings.isRevoked))
        try robustness?.restore(kept.records.filter { !withdrawn.contains($0.worker) })
        areStatisticsRestored = true
        if withdrawn != kept.withdrawn { keepWithdrawn() }
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
        forgetTheRevoked(also: closed.ledger.workers)
        guard var next = robustness else { return }
        newlyWithdrawn = []
        try next.record(closed.ledger, except: withdrawn)
        try await records.keep(next.records, of: version)
        // Whoever has withdrawn while that was written is not brought back, even if it agrees again.
        for worker in withdrawn.union(newlyWithdrawn) { next.forget(worker) }
        robustness = next
    }
}
