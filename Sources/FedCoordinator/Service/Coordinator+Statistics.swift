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
            refusing.remove(session.worker)
            return observe(.sharesStatistics(session.worker))
        }
        let isNew = refusing.insert(session.worker).inserted
        let shared =
            robustness?.knows(session.worker) == true || open?.ledger.accepted[session.worker]?.statistics != nil
        if isNew, shared { observe(.withdrewStatistics(session.worker)) }
        forgetStatistics(of: session.worker)
    }

    /// Forgets what a worker has shared, on disk, too: it does not agree any more, or may no longer take part.
    func forgetStatistics(of worker: WorkerID) {
        guard robustness?.knows(worker) == true else { return }
        robustness?.forget(worker)
        let version = ModelVersion(committedRounds)
        Task { [records] in
            guard let left = robustness?.records else { return }
            try? await records.keep(left, of: version, isOnly: true)
        }
    }

    /// Takes up what was shared up to a model; workers that have said meanwhile that they do not agree are forgotten.
    func restoreStatistics(of version: ModelVersion) async throws {
        guard robustness != nil, version.rawValue > 0 else { return }
        try robustness?.restore(try await records.statistics(of: version))
        for worker in refusing.union(quarantined.keys) { forgetStatistics(of: worker) }
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
        try next.record(closed.ledger, except: refusing.union(quarantined.keys))
        try await records.keep(next.records, of: version)
        // Whoever has withdrawn while that was written is not brought back.
        let outdated = Set(next.records.map(\.worker)).intersection(refusing.union(quarantined.keys))
        robustness = next
        for worker in outdated { forgetStatistics(of: worker) }
    }
}
