// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// All that a plan of a round depends on.
public struct PlanContext: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The round to plan.
    public var round: RoundID
    /// The model the round starts from.
    public var baseVersion: ModelVersion
    /// The workers that could take part, in any order; a name given twice counts once.
    public var workers: [WorkerID]
    /// How workers train.
    public var training: LocalTrainingSpec
    /// How workers encode their changes.
    public var codec: CodecID
    /// The share of the cohort whose updates make a model, in [0, 1]; at least one update is needed anyway.
    public var quorumShare: Double
    /// Seconds after dispatch at which the round closes.
    public var deadlineSeconds: Double
    /// So many times as many workers are asked as updates are wanted, at least 1; the first to be in make the model.
    public var overSelection: Double
    /// The seed of the run.
    public var seed: UInt64
    /// What workers can afford to train; those without an entry all of the model.
    public var budgets: [WorkerID: WidthRatio]
    /// How many first bases were drawn in earlier rounds.
    public var drawn: Int
    /// What workers were asked for in earlier attempts of the round; they are asked for the same.
    public var asked: [String: UpdateScope]
    /// Who trains adversarially, where only some do; the strategies that do not know of it have all train alike.
    public var adversarial: Set<WorkerID>
    /// Who begins the round with adversarial statistics, propagated ones or its own.
    public var propagatedTo: Set<WorkerID>
    /// Whether `workers` is known to be ascending and to name nobody twice; saves sorting many of them in every round.
    package var isOrdered = false
    /// No more workers are asked, at least 1.
    package var largestCohort = Int.max

    /// A context with every default visible.
    public init(
        run: RunID, round: RoundID, baseVersion: ModelVersion, workers: [WorkerID], training: LocalTrainingSpec,
        codec: CodecID = CodecID("dense-float32"), quorumShare: Double = 1, deadlineSeconds: Double = 600,
        overSelection: Double = 1, seed: UInt64, budgets: [WorkerID: WidthRatio] = [:], drawn: Int = 0,
        asked: [String: UpdateScope] = [:], adversarial: Set<WorkerID> = [], propagatedTo: Set<WorkerID> = []
    ) {
        self.run = run
        self.round = round
        self.baseVersion = baseVersion
        self.workers = workers
        self.training = training
        self.codec = codec
        self.quorumShare = quorumShare
        self.deadlineSeconds = deadlineSeconds
        self.overSelection = overSelection
        self.seed = seed
        self.budgets = budgets
        self.drawn = drawn
        self.asked = asked
        self.adversarial = adversarial
        self.propagatedTo = propagatedTo
    }
}
