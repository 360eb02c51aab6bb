// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStrategies

/// What the rounds of a run ask of whom, and for how long.
package struct RoundPlanner: Sendable {
    private let run: RunID
    private let config: RunConfig
    private let strategy: Strategy

    /// A planner of a run; `strategy` is what its configuration names.
    package init(run: RunID, config: RunConfig, strategy: Strategy) {
        self.run = run
        self.config = config
        self.strategy = strategy
    }

    /// How many workers must be connected before a round is planned: all that were asked for before the first one, and as many
    /// as make a model later.
    package func neededWorkers(for round: RoundID) -> Int {
        let minimum = config.cohort.minimumWorkers
        return round.rawValue == 1
            ? minimum
            : max(config.smallestCohortPool, Strategy.quorum(share: config.cohort.quorum, of: minimum))
    }

    /// The plan of a new round; `budgets` are what workers can afford, and `drawn` is how many first bases committed rounds have
    /// drawn;
    /// `adversarial` workers train adversarially in runs of which only some do, and all begin with adversarial statistics where
    /// some have been shared (`knowsStatistics`).
    package func plan(
        _ round: RoundID, version: ModelVersion, workers: [WorkerID], history: ArrivalHistory,
        budgets: [WorkerID: WidthRatio] = [:], drawn: Int = 0, adversarial: Set<WorkerID> = [],
        knowsStatistics: Bool = false
    ) throws(StrategyError) -> RoundPlan {
        let seconds =
            switch config.cohort.deadlineSeconds {
            case .seconds(let seconds): seconds
            case .auto: history.deadlineSeconds
            }
        let given = config.isMeasuring(round) ? measuringSeconds(seconds) : seconds
        return try plan(
            round, version: version, workers: workers, deadlineSeconds: given, budgets: budgets, drawn: drawn,
            adversarial: adversarial, knowsStatistics: knowsStatistics)
    }

    /// How long a round may take that passes over all data many times, where one that trains takes `seconds`.
    private func measuringSeconds(_ seconds: Double) -> Double {
        let longer = seconds * config.measuringFactor
        let least = config.training.steps == nil ? 0 : RunConfig.leastMeasuringSeconds
        return max(seconds, min(max(longer, least), ArrivalHistory.longestDeadline))
    }

    /// The same round for the workers that are `available` now and for all whose updates are `stored`.
    ///
    /// An assignment's seed depends on round and worker only, so stored updates stay what they are; as many updates as
    /// before are needed, unless fewer workers are left.
    package func replanned(
        _ plan: RoundPlan, stored: Set<WorkerID>, available: [WorkerID], budgets: [WorkerID: WidthRatio] = [:],
        drawn: Int = 0, adversarial: Set<WorkerID> = [], knowsStatistics: Bool = false
    ) throws(StrategyError) -> RoundPlan {
        let seconds =
            config.cohort.deadlineSeconds == .auto
            ? ArrivalHistory.retryDeadline(after: plan.deadlineSeconds) : plan.deadlineSeconds
        // Whoever was asked in any attempt is asked for the same part, which it may have trained meanwhile.
        var asked = plan.asked ?? [:]
        if strategy.narrowest != nil {
            for assignment in plan.assignments { asked[assignment.worker.rawValue] = assignment.scope }
        }
        var next = try self.plan(
            plan.round, version: plan.baseVersion, workers: Array(stored.union(available)), deadlineSeconds: seconds,
            budgets: budgets, drawn: plan.drawn ?? drawn, adversarial: adversarial, knowsStatistics: knowsStatistics,
            asked: asked)
        if strategy.adversarialTraining != nil {
            // Stored updates stay what they were, whoever trains adversarially now.
            let trainings = Dictionary(uniqueKeysWithValues: plan.assignments.map { ($0.worker, $0.training) })
            for index in next.assignments.indices {
                let worker = next.assignments[index].worker
                if stored.contains(worker), let training = trainings[worker] {
                    next.assignments[index].training = training
                }
            }
        }
        let chosen = Set(next.assignments.map(\.worker))
        next.assignments += plan.assignments.filter { stored.contains($0.worker) && !chosen.contains($0.worker) }
        if next.assignments.count > config.largestCohort {
            // What is stored stays.
            let new = next.assignments.filter { !stored.contains($0.worker) }
            next.assignments.removeAll { !stored.contains($0.worker) }
            next.assignments += new.prefix(max(0, config.largestCohort - next.assignments.count))
        }
        next.assignments.sort { $0.worker < $1.worker }
        for assignment in next.assignments { asked[assignment.worker.rawValue] = nil }
        next.asked = asked.isEmpty ? nil : asked
        next.awaited = plan.awaited
        next.quorum = max(next.quorum, min(plan.quorum, next.assignments.count))
        next.wanted = next.wanted.map { max($0, next.quorum) }
        return next
    }

    private func plan(
        _ round: RoundID, version: ModelVersion, workers: [WorkerID], deadlineSeconds: Double,
        budgets: [WorkerID: WidthRatio], drawn: Int, adversarial: Set<WorkerID>, knowsStatistics: Bool,
        asked: [String: UpdateScope] = [:]
    ) throws(StrategyError) -> RoundPlan {
        var context = PlanContext(
            run: run, round: round, baseVersion: version, workers: workers, training: config.training(in: round),
            codec: config.uplink.codec, quorumShare: config.cohort.quorum, deadlineSeconds: deadlineSeconds,
            overSelection: config.cohort.overSelection, seed: config.seed,
            budgets: config.isMeasuring(round) ? [:] : budgets,
            drawn: drawn, asked: asked, adversarial: adversarial, propagatedTo: knowsStatistics ? Set(workers) : [])
        context.largestCohort = config.largestCohort
        return try strategy.plan(context)
    }
}
