// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStrategies

/// Everything that decides a run: with the same configuration and the same workers' data, the same model to the bit.
public struct RunConfig: Hashable, Codable, Sendable {
    /// What people call the run; part of its identifier.
    public var name: String
    /// Where all randomness comes from: initial model, cohorts, batches, rounding.
    public var seed: UInt64
    /// The network.
    public var model: ModelSpec
    /// The data.
    public var data: DataSection
    /// What a worker does in a round.
    public var training: LocalTrainingSpec
    /// Who trains, how updates are combined and how the model moves.
    public var strategy: StrategySpec
    /// How updates travel up.
    public var uplink: CodecSpec
    /// How the model travels down.
    public var downlink: CodecSpec
    /// How many rounds, at least 1.
    public var rounds: Int
    /// How many workers a round needs and how long it waits.
    public var cohort: CohortSection
    /// How often the model is evaluated.
    public var evaluation: EvaluationSection
    /// What is refused.
    public var limits: LimitsSection
    /// Whether the updates of committed rounds stay on disk, so that the run can be replayed.
    public var keepJournals: Bool

    /// Which data set, where, and how it is divided.
    public struct DataSection: Hashable, Codable, Sendable {
        /// A registered name, such as `digits` or `mnist`.
        public var dataset: String
        /// The file or folder; nil for the embedded set.
        public var path: String?
        /// The column of a CSV file that is the label; workers that name none of their own take it, too.
        public var label: String?
        /// The file that says how the columns of a CSV file are coded, as `fedcoord data schema` writes it.
        public var schema: String?
        /// How it is divided among the workers that hold a shard of it.
        public var partition: PartitionSpec
        /// The share of its examples that a worker trains on, in (0, 1].
        public var fraction: Double

        /// Names a data set.
        public init(
            dataset: String, path: String? = nil, label: String? = nil, schema: String? = nil,
            partition: PartitionSpec = .iid, fraction: Double = 1
        ) {
            self.dataset = dataset
            self.path = path
            self.label = label
            self.schema = schema
            self.partition = partition
            self.fraction = fraction
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case dataset, path, label, schema, partition, fraction
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dataset = try container.decode(String.self, forKey: .dataset)
            path = try container.decodeIfPresent(String.self, forKey: .path)
            label = try container.decodeIfPresent(String.self, forKey: .label)
            schema = try container.decodeIfPresent(String.self, forKey: .schema)
            partition = try container.decodeIfPresent(PartitionSpec.self, forKey: .partition) ?? .iid
            fraction = try container.decodeIfPresent(Double.self, forKey: .fraction) ?? 1
        }
    }

    /// How many workers a round needs and how long it waits for them.
    public struct CohortSection: Hashable, Codable, Sendable {
        /// Share of the connected workers that take part in a round, in (0, 1].
        public var fraction: Double
        /// Share of the chosen workers whose updates make a model, in (0, 1].
        public var quorum: Double
        /// When a round closes with what it has; an upload that moves, or training that soon ends, may take twice as long.
        public var deadlineSeconds: DeadlineSpec
        /// The first round waits for this many workers; later ones for `quorum` of them.
        public var minimumWorkers: Int
        /// So many times as many workers are asked as updates are wanted, 1 to 10; the first to be in make the model.
        public var overSelection: Double
        /// What becomes of an update that comes after its round has closed.
        public var late: LatePolicy
        /// How many rounds late an update that is folded may be, at least 1; nil for `defaultStaleness`.
        public var staleness: Int?

        /// How many rounds late an update may be: 0 where late ones are refused.
        public var allowedStaleness: Int { late == .fold ? staleness ?? Self.defaultStaleness : 0 }

        /// What `staleness` is where nothing is said.
        public static let defaultStaleness = 1

        /// A cohort with every default visible.
        public init(
            fraction: Double = 1, quorum: Double = 0.8, deadlineSeconds: DeadlineSpec = .auto, minimumWorkers: Int = 1,
            overSelection: Double = 1, late: LatePolicy = .refuse, staleness: Int? = nil
        ) {
            self.fraction = fraction
            self.quorum = quorum
            self.deadlineSeconds = deadlineSeconds
            self.minimumWorkers = minimumWorkers
            self.overSelection = overSelection
            self.late = late
            self.staleness = staleness
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case fraction, quorum, deadlineSeconds, minimumWorkers, overSelection, late, staleness
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let defaults = Self()
            fraction = try container.decodeIfPresent(Double.self, forKey: .fraction) ?? defaults.fraction
            quorum = try container.decodeIfPresent(Double.self, forKey: .quorum) ?? defaults.quorum
            deadlineSeconds =
                try container.decodeIfPresent(DeadlineSpec.self, forKey: .deadlineSeconds) ?? defaults.deadlineSeconds
            minimumWorkers =
                try container.decodeIfPresent(Int.self, forKey: .minimumWorkers) ?? defaults.minimumWorkers
            overSelection =
                try container.decodeIfPresent(Double.self, forKey: .overSelection) ?? defaults.overSelection
            late = try container.decodeIfPresent(LatePolicy.self, forKey: .late) ?? defaults.late
            staleness = try container.decodeIfPresent(Int.self, forKey: .staleness)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let defaults = Self()
            try container.encode(fraction, forKey: .fraction)
            try container.encode(quorum, forKey: .quorum)
            try container.encode(deadlineSeconds, forKey: .deadlineSeconds)
            try container.encode(minimumWorkers, forKey: .minimumWorkers)
            // Left out where they say nothing, as in runs that were begun before there were such keys.
            if overSelection != defaults.overSelection { try container.encode(overSelection, forKey: .overSelection) }
            if late != defaults.late { try container.encode(late, forKey: .late) }
            try container.encodeIfPresent(staleness, forKey: .staleness)
        }
    }

    /// How often the model is evaluated on the central test split.
    public struct EvaluationSection: Hashable, Codable, Sendable {
        /// After every so many rounds, and after the last one; 0 for the last one only.
        public var every: Int
        /// The attack that `robustAccuracy` is measured under; nil for none.
        public var attack: AttackSpec?
        /// The attack is made on so many examples of the test split, drawn once for the run; nil for all.
        public var robustExamples: Int?
        /// λ in [0, 1]: a dual batch norm outputs (1 − λ)·clean branch + λ·adversarial branch, for the attacker too.
        public var adversarialShare: Float

        /// An interval in rounds, without an attack, through the clean branch.
        public init(
            every: Int = 1, attack: AttackSpec? = nil, robustExamples: Int? = nil, adversarialShare: Float = 0
        ) {
            self.every = every
            self.attack = attack
            self.robustExamples = robustExamples
            self.adversarialShare = adversarialShare
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case every, attack, robustExamples, adversarialShare
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            every = try container.decodeIfPresent(Int.self, forKey: .every) ?? Self().every
            attack = try container.decodeIfPresent(AttackSpec.self, forKey: .attack)
            robustExamples = try container.decodeIfPresent(Int.self, forKey: .robustExamples)
            adversarialShare =
                try container.decodeIfPresent(Float.self, forKey: .adversarialShare) ?? Self().adversarialShare
        }
    }

    /// What is refused, whoever sends it.
    public struct LimitsSection: Hashable, Codable, Sendable {
        /// An update that claims more examples is refused.
        public var examplesPerWorker: Int
        /// An update with a longer Euclidean norm is refused; nil for any.
        public var updateNorm: Double?
        /// An update that is longer than so many times the median of its round is left out of it; nil for any.
        public var relativeNorm: Double?
        /// A worker that offers more updates in one round and within a minute is disconnected.
        public var offersPerMinute: Int
        /// A worker that is refused so many times in a row is put into quarantine; 0 for never.
        public var refusalsInARow: Int

        /// Limits with every default visible.
        public init(
            examplesPerWorker: Int = 1_000_000, updateNorm: Double? = nil, relativeNorm: Double? = nil,
            offersPerMinute: Int = 100, refusalsInARow: Int = 5
        ) {
            self.examplesPerWorker = examplesPerWorker
            self.updateNorm = updateNorm
            self.relativeNorm = relativeNorm
            self.offersPerMinute = offersPerMinute
            self.refusalsInARow = refusalsInARow
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case examplesPerWorker, updateNorm, relativeNorm, offersPerMinute, refusalsInARow
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let defaults = Self()
            examplesPerWorker =
                try container.decodeIfPresent(Int.self, forKey: .examplesPerWorker) ?? defaults.examplesPerWorker
            updateNorm = try container.decodeIfPresent(Double.self, forKey: .updateNorm)
            relativeNorm = try container.decodeIfPresent(Double.self, forKey: .relativeNorm)
            offersPerMinute =
                try container.decodeIfPresent(Int.self, forKey: .offersPerMinute) ?? defaults.offersPerMinute
            refusalsInARow =
                try container.decodeIfPresent(Int.self, forKey: .refusalsInARow) ?? defaults.refusalsInARow
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(examplesPerWorker, forKey: .examplesPerWorker)
            try container.encodeIfPresent(updateNorm, forKey: .updateNorm)
            try container.encodeIfPresent(relativeNorm, forKey: .relativeNorm)
            // Left out where it says nothing, as in runs that were begun before there was such a limit.
            if offersPerMinute != Self().offersPerMinute {
                try container.encode(offersPerMinute, forKey: .offersPerMinute)
            }
            if refusalsInARow != Self().refusalsInARow {
                try container.encode(refusalsInARow, forKey: .refusalsInARow)
            }
        }
    }

    /// A configuration with every default visible.
    public init(
        name: String, seed: UInt64 = 1, model: ModelSpec, data: DataSection, training: LocalTrainingSpec,
        strategy: StrategySpec = StrategySpec(name: "fedavg"),
        uplink: CodecSpec = CodecSpec(CodecID("ternary")),
        downlink: CodecSpec = CodecSpec(CodecID("dense-float32")), rounds: Int,
        cohort: CohortSection = CohortSection(), evaluation: EvaluationSection = EvaluationSection(),
        limits: LimitsSection = LimitsSection(), keepJournals: Bool = false
    ) {
        self.name = name
        self.seed = seed
        self.model = model
        self.data = data
        self.training = training
        self.strategy = strategy
        self.uplink = uplink
        self.downlink = downlink
        self.rounds = rounds
        self.cohort = cohort
        self.evaluation = evaluation
        self.limits = limits
        self.keepJournals = keepJournals
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, seed, model, data, training, strategy, uplink, downlink, rounds, cohort, evaluation, limits
        case keepJournals
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var training = try container.decode(LocalTrainingSpec.self, forKey: .training)
        var uplink = try container.decodeIfPresent(CodecSpec.self, forKey: .uplink) ?? CodecSpec(CodecID("ternary"))
        if let preset = uplink.expandPreset() {
            let own = try container.nestedContainer(keyedBy: LocalTrainingSpec.CodingKeys.self, forKey: .training)
            if !own.contains(.epochs), !own.contains(.steps) { training.steps = preset.steps }
        }
        self.init(
            name: try container.decode(String.self, forKey: .name),
            seed: try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? 1,
            model: try container.decode(ModelSpec.self, forKey: .model),
            data: try container.decode(DataSection.self, forKey: .data),
            training: training,
            strategy: try container.decodeIfPresent(StrategySpec.self, forKey: .strategy)
                ?? StrategySpec(name: "fedavg"),
            uplink: uplink,
            downlink: try container.decodeIfPresent(CodecSpec.self, forKey: .downlink)
                ?? CodecSpec(CodecID("dense-float32")),
            rounds: try container.decode(Int.self, forKey: .rounds),
            cohort: try container.decodeIfPresent(CohortSection.self, forKey: .cohort) ?? CohortSection(),
            evaluation: try container.decodeIfPresent(EvaluationSection.self, forKey: .evaluation)
                ?? EvaluationSection(),
            limits: try container.decodeIfPresent(LimitsSection.self, forKey: .limits) ?? LimitsSection(),
            keepJournals: try container.decodeIfPresent(Bool.self, forKey: .keepJournals) ?? false)
        try fillInAdversarialTraining(from: container)
    }
}
