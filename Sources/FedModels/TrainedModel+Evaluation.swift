// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

extension TrainedModel {
    /// Accuracy and loss on `data`, and robust accuracy where there is an `attack`, which is on the same mixture of batch
    /// norms as the model is used with.
    ///
    /// The attack is made on `robustExamples` drawn by `seed`, or all, and so are its random starts. Throws
    /// `ModelError.unfitData` for data that the model does not take, `.partial` for what workers share, or `TrainingError` as `Evaluator.evaluate`.
    public func evaluate(
        on data: Dataset, attack: AttackSpec? = nil, robustExamples: Int? = nil, seed: UInt64 = 1, threads: Int = 1
    ) throws -> Evaluation {
        try checkIsWhole()
        try checkTakes(data)
        return try Evaluator.evaluate(
            network: makeNetwork(maximumBatch: max(1, min(256, data.count)), threads: threads), data: data,
            adversarialShare: card.robustness, attack: attack, robustExamples: robustExamples,
            generator: SeededGenerator(key: seed).stream("evaluation"))
    }

    /// The accuracy of each base network alone on `data`, in [0, 1] and in their order; throws as `evaluate`.
    public func baseAccuracies(on data: Dataset, threads: Int = 1) throws -> [Double] {
        try (0..<card.model.bases).map { place in
            try with(bases: [place], robustness: card.robustness).evaluate(on: data, threads: threads).accuracy
        }
    }

    /// The same base networks, those of the highest accuracy first, of equal ones that which was first.
    ///
    /// `accuracies` has one for each.
    public func ordered(by accuracies: [Double]) -> TrainedModel {
        precondition(accuracies.count == card.model.bases, "an accuracy for each base network")
        let places = accuracies.indices.sorted { (accuracies[$1], $0) < (accuracies[$0], $1) }
        return with(bases: places, robustness: card.robustness)
    }

    /// Throws `ModelError.unfitData` for data that the model does not take.
    func checkTakes(_ data: Dataset) throws(ModelError) {
        guard data.exampleShape != card.examples else { return }
        throw ModelError(
            .unfitData,
            "the model takes \(card.examples), as data set \(card.dataset) has them, but data set \(data.name) has "
                + "\(data.exampleShape): give data of the same kind")
    }
}
