// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

/// A model whose detector chooses a branch of the dual batch norms for each example, in place of one mixture for all.
public struct DetectingModel: Sendable {
    /// The model; its robustness is not looked at.
    public let model: TrainedModel
    /// What chooses.
    public let detector: BranchDetector

    /// Throws `ModelError.impossibleDetector` where the model has no detector, or one that is not for it, or normalises by the
    /// batch, and `TrainingError` for a model that this version cannot build.
    public init(_ model: TrainedModel) throws {
        guard let detector = model.card.detector else {
            throw ModelError(
                .impossibleDetector,
                "the model has no detector that could choose a branch for each example: fit one with 'fedworker detector --data …' "
                    + "to a model as wide as it is used, since a cut to another width has none, or say with --robustness how the branches "
                    + "are mixed")
        }
        guard let features = try model.makeNetwork(maximumBatch: 1).branchFeatures else {
            throw ModelError(
                .impossibleDetector,
                "the model normalises by the batch, where a detector has nothing to go by: leave the statistics averaged"
            )
        }
        guard features == detector.weights.count else {
            throw ModelError(
                .impossibleDetector,
                "the detector in the model's file is not for this model: fit one with 'fedworker detector --data …'")
        }
        self.model = model
        self.detector = detector
    }

    /// What `network`, made by `makeNetwork` of the model, predicts for the values of an example through the branch that the
    /// detector chooses, and whether the example was taken for attacked.
    ///
    /// `values` are as many as the input has, [channel][row][column] and in [0, 1].
    public func predict(_ values: [Float], with network: Network) -> (prediction: Prediction, isDetected: Bool) {
        precondition(values.count == model.input.count, "one example of the model's input")
        guard let (probabilities, isDetected) = network.probabilities(image: values, detector: detector) else {
            preconditionFailure("the network is one of the detector's model")
        }
        return (model.prediction(of: probabilities), isDetected)
    }

    /// Accuracy and loss on `data`, and robust accuracy where there is an `attack`, which is made through each branch and knows nothing
    /// of the detector.
    ///
    /// The rest is as in `TrainedModel.evaluate`.
    public func evaluate(
        on data: Dataset, attack: AttackSpec? = nil, robustExamples: Int? = nil, seed: UInt64 = 1, threads: Int = 1
    ) throws -> DetectedEvaluation {
        try model.checkIsWhole()
        try model.checkTakes(data)
        return try Evaluator.evaluate(
            network: model.makeNetwork(maximumBatch: max(1, min(256, data.count)), threads: threads), data: data,
            detector: detector, attack: attack, robustExamples: robustExamples,
            generator: SeededGenerator(key: seed).stream("evaluation"))
    }
}
