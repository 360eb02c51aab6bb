// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCoordinator
internal import FedCore
internal import FedStrategies

/// The propagation of robustness among the workers of a simulation in one process, all of which agree to share their statistics:
/// what a coordinator would take down and send, without a wire (FedRBN, Hong et al., AAAI 2023, section 4).
struct SimulatedPropagation {
    private let rule: StatisticsPropagation
    private let initialOwn: [Float]
    private let memories: ClientMemories
    private var ledger: RobustnessLedger
    /// The last round in which somebody trained adversarially.
    private var newest: RoundID?
    /// Whether nobody did in the last round.
    private var isWithout = false

    /// The propagation of a run of `config`; nil where its strategy has none.
    init?(_ config: RunConfig, model: CentralModel, memories: ClientMemories) {
        guard let propagation = config.strategy.robustnessPropagation else { return nil }
        rule = propagation.rule
        initialOwn = model.initialOwn
        self.memories = memories
        ledger = RobustnessLedger(own: model.parts.own, bases: config.network.bases)
    }

    /// Whether there is something to propagate.
    var hasSources: Bool { ledger.hasSources }

    /// Gives the workers of `plan` that do not train adversarially the statistics of those that do; what to tell of it.
    mutating func prepare(_ plan: RoundPlan) throws -> CoordinatorEvent? {
        var isWithout = true
        for assignment in plan.assignments {
            guard assignment.training.adversarialTerm == nil else {
                isWithout = false
                continue
            }
            var memory = memories.memory(of: assignment.worker)
            guard let own = try own(of: assignment.worker) else { continue }
            memory.own = own
            memories.keep(memory, of: assignment.worker)
        }
        defer { self.isWithout = isWithout }
        return isWithout && !self.isWithout ? .withoutAdversarialWorkers(plan.round, since: newest) : nil
    }

    /// Takes down the statistics of the workers of `plan` whose changes are in the model.
    mutating func record(_ plan: RoundPlan, _ results: [SimulatedRound.Result]) throws {
        for (assignment, result) in zip(plan.assignments, results) {
            guard case .accepted = result else { continue }
            let isAdversarial = assignment.training.movesAdversarialStatistics
            try ledger.record(
                memories.memory(of: assignment.worker).own, trained: assignment.scope, isAdversarial: isAdversarial,
                of: assignment.worker, after: plan.round)
            if isAdversarial { newest = plan.round }
        }
    }

    /// What `worker` has of its own, with what is propagated to it; nil where it has nothing and gets nothing.
    func own(of worker: WorkerID) throws(StrategyError) -> [Float]? {
        let kept = memories.memory(of: worker).own
        var own = kept.isEmpty ? initialOwn : kept
        let propagated = try ledger.propagate(to: worker, into: &own, by: rule)
        return kept.isEmpty && propagated.isEmpty ? nil : own
    }
}
