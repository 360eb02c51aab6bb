// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How rounds are run: cohort sampler × what each worker trains × aggregator × server optimiser.
///
/// A strategy is a value without state: a plan depends on its context alone, a new model on the model before it with what
/// is remembered beside it, the mean change and the configuration.
public struct Strategy: Sendable {
    /// The registered name, for people to read.
    public let name: String
    /// Who takes part in a round.
    public let sampler: any CohortSampler
    /// How the workers' changes become one.
    public let aggregator: any Aggregator
    /// How much each of them counts.
    public let weighting: Weighting
    /// How that change becomes the next model.
    public let optimizer: any ServerOptimizer
    /// What the optimiser's learning rate is multiplied by, round by round.
    public let schedule: ScheduleSpec
    /// Which base networks each worker trains; nil where all train the whole model.
    public let bases: BaseDraws?
    /// What workers minimise besides what their training says.
    public let terms: [ObjectiveTerm]
    /// The widths of one network of which each worker trains what it can afford; nil where all train the whole model.
    public let widths: NestedWidths?
    /// How workers train of which only some attack their inputs; nil where all train alike.
    public let adversarialTraining: FederatedAdversarialTraining?

    /// Composes a strategy; `levels` are the slices of `widths`, which a round's sum takes and a plan does not.
    public init(
        name: String, sampler: any CohortSampler, aggregator: any Aggregator, weighting: Weighting = .examples,
        optimizer: any ServerOptimizer, schedule: ScheduleSpec = ScheduleSpec(), bases: BaseDraws? = nil,
        terms: [ObjectiveTerm] = [], widths: NestedWidths? = nil, levels: [NestedLevel] = [],
        adversarialTraining: FederatedAdversarialTraining? = nil
    ) {
        self.name = name
        self.sampler = sampler
        if let bases {
            self.aggregator = BasesAggregator(inner: aggregator, bases: bases.count)
        } else if widths != nil {
            guard let mean = aggregator as? WeightedMeanAggregator else {
                preconditionFailure("nested networks are averaged")
            }
            self.aggregator = NestedAggregator(inner: mean, levels: levels)
        } else {
            self.aggregator = aggregator
        }
        self.bases = bases
        self.terms = terms
        self.widths = widths
        self.adversarialTraining = adversarialTraining
        self.weighting = weighting
        self.optimizer = optimizer
        self.schedule = schedule
    }

    /// The assignments of a round, ordered by worker, and when the round may close.
    ///
    /// An assignment's seed depends on the run's seed, the round and the worker's name only, what it trains on the
    /// worker's budget, too, and where bases are drawn on how many were before; what is minimised where only some train
    /// adversarially on whether it is one of them, and knows adversarial statistics. The quorum is max(1, ⌈quorumShare
    /// · wanted⌉), or more where the aggregator needs more updates, and min(available, ⌈overSelection · wanted⌉,
    /// largestCohort) workers are asked. Throws `StrategyError.noWorkers` when nobody is available and
    /// `.invalidSpecification` for a quorum share outside [0, 1], a deadline that is not above 0, or an over-selection
    /// below 1.
    public func plan(_ context: PlanContext) throws(StrategyError) -> RoundPlan {
        guard (0...1).contains(context.quorumShare) else {
            throw StrategyError(
                .invalidSpecification, "the quorum share must be in [0, 1], not \(context.quorumShare)")
        }
        guard context.deadlineSeconds.isFinite, context.deadlineSeconds > 0 else {
            throw StrategyError(
                .invalidSpecification, "the deadline must be above 0 seconds, not \(context.deadlineSeconds)")
        }
        guard context.overSelection >= 1, context.overSelection.isFinite else {
            throw StrategyError(
                .invalidSpecification, "the over-selection must be at least 1, not \(context.overSelection)")
        }
        let available = context.isOrdered ? context.workers : Set(context.workers).sorted()
        guard !available.isEmpty else {
            throw StrategyError(.noWorkers, "round \(context.round) has no workers: wait until some have joined")
        }
        let run = SeededGenerator(key: context.seed)
        let round = UInt64(bitPattern: Int64(context.round.rawValue))
        let wanted = min(sampler.cohortSize(available: available.count), context.largestCohort)
        let asked = min(available.count, context.largestCohort, Self.quorum(share: context.overSelection, of: wanted))
        let cohort = sampler.cohort(of: asked, from: available, generator: run.stream("cohort", round))
        let seeds = run.stream("assignment", round)
        var drawn = context.drawn
        var training = context.training
        training.objective += terms
        let assignments = cohort.map { worker in
            let own = seeds.stream(worker.rawValue)
            var scope = context.asked[worker.rawValue]
            let budget = context.budgets[worker] ?? .full
            if let bases, scope == nil {
                scope = bases.scope(at: drawn, budget: budget, run: run, worker: own)
                drawn += 1
            }
            if let widths, scope == nil { scope = .nested(widths.widest(within: budget) ?? widths.widths[0]) }
            var ownTraining = training
            if let adversarialTraining {
                ownTraining.objective = adversarialTraining.objective(
                    training.objective, isAdversarial: context.adversarial.contains(worker),
                    knowsStatistics: context.propagatedTo.contains(worker), in: context.round)
            }
            return WorkerAssignment(
                worker: worker, run: context.run, round: context.round, baseVersion: context.baseVersion,
                training: ownTraining, scope: scope ?? .wholeModel, codec: context.codec, seed: own.key,
                deadlineSeconds: context.deadlineSeconds)
        }
        let quorum = max(aggregator.minimumUpdates, Self.quorum(share: context.quorumShare, of: wanted))
        return RoundPlan(
            round: context.round, baseVersion: context.baseVersion, assignments: assignments,
            quorum: quorum, deadlineSeconds: context.deadlineSeconds,
            wanted: asked > wanted ? max(wanted, quorum) : nil,
            drawn: bases.map { _ in drawn })
    }

    /// A worker that can afford less cannot take part; nil where all train the whole model.
    public var narrowest: WidthRatio? { bases?.baseWidth ?? widths?.widths.first }

    /// Whether a worker of this budget can take part.
    public func affords(_ budget: WidthRatio) -> Bool { narrowest.map { $0 <= budget } ?? true }

    /// All that a worker may be asked for.
    public var largestScope: UpdateScope {
        if let bases { .bases(Array(0..<bases.count)) } else if widths != nil { .nested(.full) } else { .wholeModel }
    }

    /// max(1, ⌈share · size⌉), where a product that only rounding put above an integer counts as that integer.
    package static func quorum(share: Double, of size: Int) -> Int {
        max(1, Int((share * Double(size) * (1 - 0x1p-50)).rounded(.up)))
    }

    /// How a change makes the next model in a run of `rounds`, of which the first `trained` train, or all.
    public func rule(rounds: Int, trained: Int? = nil) -> ServerRule {
        ServerRule(optimizer: optimizer, schedule: schedule, rounds: rounds, trained: trained)
    }
}
