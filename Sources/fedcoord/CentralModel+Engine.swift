// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedTraining
import Foundation
import Synchronization

extension CentralModel {
    /// The model of a run file, built and evaluated by the built-in engine on the data set's test split.
    ///
    /// Throws `TrainingError` for data that cannot be read, do not fit the model, cannot be attacked where the run file asks
    /// for it, or cannot be divided among `workers` (where it is nil: among however many). Data that were read already are
    /// handed over as `split`.
    static func engine(
        for config: RunConfig, workers: Int? = nil, split: DatasetSplit? = nil
    ) throws -> CentralModel {
        let split = try split ?? DatasetRegistry.load(config.data.source)
        let parts = ModelParts(try ModelZoo.layout(config.network, for: split.train), keeping: config.ownRoles)
        let levels = try ModelZoo.levels(
            of: config.network, input: split.train.input, classes: split.train.classes)
        try split.test.checkFits(split.train.exampleShape)
        _ = try Partitioner.partition(
            split.train, spec: config.data.partition, parts: workers ?? 1, seed: config.seed)
        if config.evaluation.attack != nil { try split.test.checkCanBeAttacked(by: "evaluation.attack") }
        if config.training.augmentation != nil { try split.train.checkCanBeVaried() }
        for case .adversarial(let term) in config.training.objective where term.weight > 0 {
            try split.train.checkCanBeAttacked(by: "training.objective: adversarial")
        }
        let evaluator = CentralEvaluator(config, data: split.test)
        var evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?
        if parts.isWhole { evaluate = { try evaluator.evaluate($0) } }
        return CentralModel(
            layout: parts.whole, parts: parts,
            initialOwn: try ModelZoo.initialOwn(
                parts, of: config.network, input: split.train.input, classes: split.train.classes),
            levels: levels, examples: split.train.exampleShape, classNames: split.train.classNames,
            initialParameters: { generator in
                let network = try ModelZoo.makeNetwork(
                    config.network, input: split.test.input, classes: split.test.classes, maximumBatch: 1)
                network.initialize(using: generator)
                return try ParameterVector(
                    layout: parts.travelling, values: parts.travelling(of: network.parameters()))
            },
            evaluate: evaluate)
    }

    /// The names that a run file may use.
    static let vocabulary = RunConfig.Vocabulary(
        architectures: ModelZoo.names, normalizedArchitectures: Set(ModelZoo.normalizedNames),
        datasets: DatasetRegistry.names, embeddedDatasets: Set(DatasetRegistry.embedded),
        tabularDatasets: Set(DatasetRegistry.tabular))
}

extension RunConfig.DataSection {
    /// Where the data set comes from.
    var source: DatasetSource { DatasetSource(name: dataset, path: path, label: label, schema: schema) }
}

/// Evaluates models on one test split, keeping its network from one call to the next.
private final class CentralEvaluator: Sendable {
    private let model: ModelSpec
    private let evaluation: RunConfig.EvaluationSection
    /// Where random starts and the choice of attacked examples come from, the same after every round.
    private let generator: SeededGenerator
    private let data: Dataset
    private let network = Mutex<Network?>(nil)

    init(_ config: RunConfig, data: Dataset) {
        model = config.network
        evaluation = config.evaluation
        generator = SeededGenerator(key: config.seed).stream("evaluation")
        self.data = data
    }

    func evaluate(_ parameters: ParameterVector) throws -> Evaluation {
        try network.withLock { kept in
            let network =
                try kept
                ?? ModelZoo.makeNetwork(
                    model, input: data.input, classes: data.classes, maximumBatch: min(256, data.count),
                    threads: ProcessInfo.processInfo.activeProcessorCount)
            kept = network
            try network.loadParameters(parameters.values)
            return try Evaluator.evaluate(
                network: network, data: data, adversarialShare: evaluation.adversarialShare,
                attack: evaluation.attack, robustExamples: evaluation.robustExamples, generator: generator)
        }
    }
}
