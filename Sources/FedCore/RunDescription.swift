// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a worker needs to know about a run before its first assignment; the same for all workers.
public struct RunDescription: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The network, for workers that build it themselves.
    public var model: ModelSpec
    /// Order, shapes and roles of the parameters that travel.
    public var layout: ModelLayout
    /// The parameters of the network that do not travel: each worker has its own; nil where all travel.
    public var own: ModelLayout?
    /// Where the networks of `model.levels` lie in the layout, one each.
    public var levels: [NestedLevel]
    /// Which of its data sets a worker trains on.
    public var dataset: String
    /// How that data set is divided, for workers that were told to hold one shard of a common copy.
    public var partition: PartitionSpec
    /// The share of its examples that a worker trains on, in (0, 1].
    public var fraction: Double
    /// The column of a CSV file that is the label, for workers that were not told one.
    public var label: String?
    /// What the model takes; nil where only the layout says so.
    public var examples: ExampleShape?
    /// How changes travel up.
    public var uplink: CodecSpec
    /// How the model travels down.
    public var downlink: CodecSpec
    /// How the mean change makes the next model, for workers that are sent that change.
    public var serverOptimizer: ServerOptimizerSpec
    /// What the learning rate of `serverOptimizer` is multiplied by, round by round.
    public var serverSchedule: ScheduleSpec
    /// In runs of which only some workers train adversarially, how many times as long as other training that takes, at least 1.
    public var adversarialCost: Double?
    /// Whether workers that agreed to it send the statistics of their batch normalisation with each update.
    public var sharesStatistics: Bool
    /// The seed of the run: dividing the data depends on it.
    public var seed: UInt64
    /// How many rounds are planned.
    public var rounds: Int

    /// Describes a run.
    public init(
        run: RunID, model: ModelSpec, layout: ModelLayout, own: ModelLayout? = nil, levels: [NestedLevel] = [],
        dataset: String,
        partition: PartitionSpec,
        fraction: Double = 1, label: String? = nil, examples: ExampleShape? = nil,
        uplink: CodecSpec = CodecSpec(CodecID("dense-float32")),
        downlink: CodecSpec = CodecSpec(CodecID("dense-float32")),
        serverOptimizer: ServerOptimizerSpec = ServerOptimizerSpec(), serverSchedule: ScheduleSpec = ScheduleSpec(),
        adversarialCost: Double? = nil, sharesStatistics: Bool = false, seed: UInt64, rounds: Int
    ) {
        self.run = run
        self.model = model
        self.layout = layout
        self.own = own
        self.levels = levels
        self.dataset = dataset
        self.partition = partition
        self.fraction = fraction
        self.label = label
        self.examples = examples
        self.uplink = uplink
        self.downlink = downlink
        self.serverOptimizer = serverOptimizer
        self.serverSchedule = serverSchedule
        self.adversarialCost = adversarialCost
        self.sharesStatistics = sharesStatistics
        self.seed = seed
        self.rounds = rounds
    }

    /// What of the model workers train by itself.
    public var parts: TrainedParts { TrainedParts(of: model, levels: levels) }
}
