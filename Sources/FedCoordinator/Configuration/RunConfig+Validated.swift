// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStrategies

extension RunConfig {
    /// The names that a run file may use and that the coordinator itself does not know: they belong to the trainer.
    public struct Vocabulary: Sendable {
        /// The architectures of the model zoo.
        public var architectures: [String]
        /// The registered data sets.
        public var datasets: [String]
        /// Those architectures that have batch normalisation.
        public var normalizedArchitectures: Set<String>
        /// Those data sets that need no `data.path`.
        public var embeddedDatasets: Set<String>
        /// Those data sets that are tables, which need a `data.label` or a `data.schema`.
        public var tabularDatasets: Set<String>

        /// A vocabulary.
        public init(
            architectures: [String], normalizedArchitectures: Set<String> = [], datasets: [String],
            embeddedDatasets: Set<String>, tabularDatasets: Set<String> = []
        ) {
            self.architectures = architectures
            self.normalizedArchitectures = normalizedArchitectures
            self.datasets = datasets
            self.embeddedDatasets = embeddedDatasets
            self.tabularDatasets = tabularDatasets
        }
    }

    /// This configuration, if a run can start with it.
    ///
    /// The one place where values out of range and settings that do not go together are refused; what runs later may
    /// assume that it passed. Throws `ConfigurationError.invalid` with a sentence that says what to change. A configuration of a
    /// run that has begun may hold what is refused of a new one only because it would not work well.
    public func validated(
        for vocabulary: Vocabulary, hasBegun: Bool = false
    ) throws(ConfigurationError) -> RunConfig {
        do {
            _ = try RunID(name)
        } catch {
            throw ConfigurationError(.invalid, "name: \(error.message)")
        }
        try Self.require(name.utf8.count <= 40, "name: at most 40 characters, since it becomes part of the run's name")
        try Self.requireKnown(model.architecture, among: vocabulary.architectures, key: "model.architecture")
        try validateNormalization(for: vocabulary)
        try Self.require(
            model.hidden == nil || model.architecture == "mlp",
            "model.hidden: only mlp has hidden widths; remove the key or choose architecture mlp")
        try validateData(for: vocabulary)
        do {
            try model.validate()
            try training.validate()
            try evaluation.attack?.validate(at: "evaluation.attack")
        } catch {
            throw ConfigurationError(.invalid, error.message)
        }
        try Self.requireKnown(strategy.name, among: StrategyRegistry.names, key: "strategy.name")
        do {
            try strategy.validate()
        } catch {
            throw ConfigurationError(.invalid, error.message)
        }
        if !hasBegun { try validateNewLinks() }
        try validateLinks()
        try validateAggregator(for: vocabulary)
        try Self.require((1...1_000_000).contains(rounds), "rounds: must be 1 to 1000000, not \(rounds)")
        try validateCohort()
        try validateSums()
        try Self.require(
            training.schedule.warmup <= rounds,
            "training.schedule.warmup: the run has only \(rounds) rounds, not \(training.schedule.warmup) to warm up")
        try Self.require(
            strategy.schedule.warmup <= rounds,
            "strategy.schedule.warmup: the run has only \(rounds) rounds, not \(strategy.schedule.warmup) to warm up")
        try Self.require(evaluation.every >= 0, "evaluation.every: must be 0 or more, not \(evaluation.every)")
        try Self.require(
            evaluation.robustExamples == nil || evaluation.attack != nil,
            "evaluation.robustExamples: without an attack there is nothing to measure; add evaluation.attack")
        try Self.require(
            (1...100_000_000).contains(evaluation.robustExamples ?? 1),
            "evaluation.robustExamples: must be 1 to 100000000, not \(evaluation.robustExamples ?? 0)")
        try validateBranches()
        try validateParts(for: vocabulary)
        try validateTerms()
        try validateOwn()
        try validateAdversarialTraining()
        return self
    }

    /// What asks for batch normalisation has a model with it.
    private func validateNormalization(for vocabulary: Vocabulary) throws(ConfigurationError) {
        guard !vocabulary.normalizedArchitectures.contains(model.architecture) else { return }
        let others = vocabulary.normalizedArchitectures.sorted().joined(separator: ", ")
        try Self.require(
            !strategy.keepsNormalization,
            "strategy.name: \(strategy.name) leaves batch normalisation to the workers, and \(model.architecture) has none; "
                + "choose fedavg, or one of \(others)")
        for (key, isUsual) in [
            ("normalization", model.normalization == .batch), ("statistics", model.statistics == .averaged),
        ] {
            try Self.require(
                isUsual,
                "model.\(key): \(model.architecture) has no batch normalisation; remove the key or choose one of \(others)"
            )
        }
    }

    /// What asks for two batch norms has a model with two.
    private func validateBranches() throws(ConfigurationError) {
        try Self.require(
            (0...1).contains(evaluation.adversarialShare),
            "evaluation.adversarialShare: must be in [0, 1], not \(evaluation.adversarialShare)")
        try Self.require(
            evaluation.adversarialShare == 0 || model.normalization.isDual,
            "evaluation.adversarialShare: the model has one batch norm only; set model.normalization to dual-shared or "
                + "dual-separate, or remove the key")
        for case .calibration in training.objective {
            try Self.require(
                model.normalization.isDual,
                "training.objective: calibration is through the second of two batch norms; set model.normalization to "
                    + "dual-shared or dual-separate, or remove the term")
            try Self.require(
                model.statistics != .batch,
                "training.objective: calibration is by statistics that stay; remove model.statistics, or the term")
        }
        try validateStatistics()
    }

    private func validateData(for vocabulary: Vocabulary) throws(ConfigurationError) {
        try Self.requireKnown(data.dataset, among: vocabulary.datasets, key: "data.dataset")
        if vocabulary.embeddedDatasets.contains(data.dataset) {
            try Self.require(
                data.path == nil, "data.path: \(data.dataset) is embedded; remove the path or choose another dataset")
        } else {
            try Self.require(
                data.path != nil, "data.path: \(data.dataset) is read from files; name their file or folder")
        }
        let isTable = vocabulary.tabularDatasets.contains(data.dataset)
        for (key, value) in [("label", data.label), ("schema", data.schema)] {
            try Self.require(
                isTable || value == nil,
                "data.\(key): \(data.dataset) is not a table; remove the key or choose another dataset")
        }
        try Self.require(
            !isTable || data.label != nil || data.schema != nil,
            "data.label: name the column of \(data.dataset) that is the label")
        try Self.require(
            (1...256).contains(data.label?.utf8.count ?? 1), "data.label: takes a name of 1 to 256 bytes")
        try Self.require(
            data.fraction > 0 && data.fraction <= 1, "data.fraction: must be in (0, 1], not \(data.fraction)")
        do {
            try data.partition.validate()
        } catch {
            throw ConfigurationError(.invalid, error.message)
        }
    }

    private func validateLinks() throws(ConfigurationError) {
        let codecs = CodecRegistry.names
        if !codecs.contains(uplink.codec.rawValue) {
            let ups = codecs.filter { $0 != DownlinkKind.gradientCodec.rawValue } + CodecSpec.presets.map(\.name)
            try Self.requireKnown(uplink.codec.rawValue, among: ups, key: "uplink.codec")
        }
        if !codecs.contains(downlink.codec.rawValue) {
            try Self.requireKnown(
                downlink.codec.rawValue, among: codecs.filter(Self.isForDownlink), key: "downlink.codec")
        }
        for (key, spec) in [("uplink", uplink), ("downlink", downlink)] {
            do {
                _ = try CodecRegistry.codec(spec)
            } catch {
                throw ConfigurationError(.invalid, "\(key): \(error.message)")
            }
        }
        try Self.require(
            uplink.momentumMasking != true || uplink.masksMomentum(of: training.optimizer),
            "uplink.momentumMasking: there is no momentum that lives across rounds; set training.optimizer.state to kept "
                + "and choose an optimiser with momentum, or remove the key")
        try validateSteps()
    }

    /// What would not work well: the codec is one for updates, and what it leaves out, where that is added to the next change,
    /// is something and stays bounded.
    private func validateNewLinks() throws(ConfigurationError) {
        try Self.require(
            uplink.codec != DownlinkKind.gradientCodec,
            "uplink.codec: ternary-sum is the sum of updates, which the coordinator sends; set uplink.codec to ternary and "
                + "uplink.scales to shared")
        guard uplink.errorFeedback == true else { return }
        try Self.require(
            uplink.codec != CodecID("dense-float32"),
            "uplink.errorFeedback: dense-float32 leaves nothing out; remove the key")
        let isCoarse = uplink.codec == CodecID("ternary") || uplink.codec == CodecID("uniform") && uplink.bits == 2
        try Self.require(
            !isCoarse,
            "uplink.errorFeedback: three levels leave out more than they are given, and what is left out would grow from "
                + "round to round; remove the key, since they are right on average without it, or choose stc or top-k")
    }

    /// What is not a whole model on its way down can be made into one.
    private func validateSteps() throws(ConfigurationError) {
        try Self.require(
            uplink.verifyEvery == nil,
            "uplink.verifyEvery: workers verify what comes down; write downlink.verifyEvery")
        let every = downlink.verifyEvery ?? 0
        try Self.require(
            (0...1_000_000).contains(every), "downlink.verifyEvery: must be 0 (never) to 1000000, not \(every)")
        switch DownlinkKind(downlink.codec) {
        case .models:
            try Self.require(
                downlink.verifyEvery == nil,
                "downlink.verifyEvery: with \(downlink.codec) whole models travel, which need no verifying; remove the key"
            )
        case .changes:
            try Self.require(
                Self.isForDownlink(downlink.codec.rawValue),
                "downlink.codec: \(downlink.codec) is made for the changes of workers; choose one of "
                    + CodecRegistry.names.filter(Self.isForDownlink).joined(separator: ", "))
        case .gradients:
            try Self.require(
                uplink.codec == CodecID("ternary") && uplink.scales == .shared,
                "downlink.codec: ternary-sum is the sum of ternary updates of shared scales; set uplink.codec to "
                    + "ternary and uplink.scales to shared")
            try Self.require(
                uplink.dense == downlink.dense && uplink.denseBelow == downlink.denseBelow,
                "downlink.dense: what travels exactly must be the same up and down; give dense and denseBelow the same "
                    + "values under uplink and downlink")
        }
        if uplink.scales == .shared {
            try Self.require(
                strategy.weighting == .uniform,
                "uplink.scales: with shared scales levels are counted, each worker's once; set strategy.weighting to "
                    + "uniform, or uplink.scales to local")
        }
    }

    /// What these leave out is a part of what they are given, so that the downlink's residual stays bounded.
    private static let changeCodecs: Set<String> = ["stc", "sbc", "top-k"]

    /// Whether a downlink takes a codec of this name.
    private static func isForDownlink(_ codec: String) -> Bool {
        DownlinkKind(CodecID(codec)) != .changes || changeCodecs.contains(codec)
    }

    private func validateCohort() throws(ConfigurationError) {
        try Self.require(
            cohort.fraction > 0 && cohort.fraction <= 1, "cohort.fraction: must be in (0, 1], not \(cohort.fraction)")
        try Self.require(
            cohort.quorum > 0 && cohort.quorum <= 1, "cohort.quorum: must be in (0, 1], not \(cohort.quorum)")
        if case .seconds(let seconds) = cohort.deadlineSeconds {
            try Self.require(
                (0.1...604_800).contains(seconds),
                "cohort.deadlineSeconds: must be auto, or 0.1 to 604800 (a week), not \(seconds)")
        }
        try Self.require(
            (1...1_000_000).contains(cohort.minimumWorkers),
            "cohort.minimumWorkers: must be 1 to 1000000, not \(cohort.minimumWorkers)")
        try Self.require(
            (1...10).contains(cohort.overSelection),
            "cohort.overSelection: must be 1 (nobody in excess) to 10, not \(cohort.overSelection)")
        try Self.require(
            cohort.overSelection == 1 || cohort.fraction < 1,
            "cohort.overSelection: with cohort.fraction 1 everybody is asked already; lower cohort.fraction, or remove "
                + "the key")
        try validateLateness()
        try Self.require(
            (1...10_000_000).contains(limits.examplesPerWorker),
            "limits.examplesPerWorker: must be 1 to 10000000, not \(limits.examplesPerWorker)")
        let norm = limits.updateNorm ?? 1
        try Self.require(norm > 0 && norm.isFinite, "limits.updateNorm: must be above 0, not \(norm)")
        let factor = limits.relativeNorm ?? 1
        try Self.require(factor >= 1 && factor.isFinite, "limits.relativeNorm: must be 1 or more, not \(factor)")
        try Self.require(
            (1...1_000_000).contains(limits.offersPerMinute),
            "limits.offersPerMinute: must be 1 to 1000000, not \(limits.offersPerMinute)")
        try Self.require(
            (0...1_000_000).contains(limits.refusalsInARow),
            "limits.refusalsInARow: must be 0 (never) to 1000000, not \(limits.refusalsInARow)")
    }

    /// Late updates are folded only where they can be.
    private func validateLateness() throws(ConfigurationError) {
        guard cohort.late == .fold else {
            return try Self.require(
                cohort.staleness == nil,
                "cohort.staleness: late updates are refused; set cohort.late to fold, or remove the key")
        }
        let staleness = cohort.staleness ?? CohortSection.defaultStaleness
        try Self.require(
            (1...100).contains(staleness), "cohort.staleness: must be 1 to 100 rounds, not \(staleness)")
        try Self.require(
            cohort.overSelection == 1,
            "cohort.late: over-selection tells those who are late to stop; set cohort.overSelection to 1, or "
                + "cohort.late to refuse")
        try Self.require(
            strategy.aggregator.name == .weightedMean,
            "cohort.late: \(strategy.aggregator.name.rawValue) compares the updates of one round; set cohort.late to "
                + "refuse, or choose the aggregator weighted-mean")
        try Self.require(
            limits.relativeNorm == nil,
            "cohort.late: limits.relativeNorm compares the updates of one round; set cohort.late to refuse, or remove "
                + "limits.relativeNorm")
        try Self.require(
            uplink.scales != .shared,
            "cohort.late: shared scales are those of one round, and a later one cannot read an update with them; set "
                + "cohort.late to refuse, or uplink.scales to local")
    }

    static func require(_ condition: Bool, _ message: String) throws(ConfigurationError) {
        guard condition else { throw ConfigurationError(.invalid, message) }
    }

    private static func requireKnown(_ name: String, among known: [String], key: String) throws(ConfigurationError) {
        guard !known.contains(name) else { return }
        throw ConfigurationError(.invalid, "\(key): \(NearestName.unknown("name", name, among: known))")
    }
}
