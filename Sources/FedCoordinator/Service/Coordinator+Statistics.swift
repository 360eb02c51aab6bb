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
        guard robustness != nil else { return }
        if session.sharesStatistics {
            observe(.sharesStatistics(session.worker))
        } else if robustness?.knows(session.worker) == true {
            robustness?.forget(session.worker)
            observe(.withdrewStatistics(session.worker))
        }
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
        try next.record(closed.ledger)
        try await records.keep(next.records, of: version)
        robustness = next
    }
}
