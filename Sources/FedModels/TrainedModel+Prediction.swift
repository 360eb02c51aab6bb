// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedTraining

/// What a model makes of one example.
public struct Prediction: Hashable, Sendable {
    /// A class and how probable it is.
    public struct Class: Hashable, Codable, Sendable {
        /// What the class is called.
        public let name: String
        /// In [0, 1].
        public let probability: Double
    }

    /// All classes, the most probable first; the probabilities add up to 1.
    public let classes: [Class]
}

extension TrainedModel {
    /// Throws `ModelError.dependentPredictions` where batch normalisation is by the batch, so that there is no prediction of one
    /// example.
    public func checkPredictsAlone() throws(ModelError) {
        try checkIsWhole()
        guard card.model.statistics == .batch else { return }
        throw ModelError(
            .dependentPredictions,
            "the model normalises by the batch, and what it says of one example depends on the others: "
                + (card.model.levels.isEmpty
                    ? "cut it with 'fedcoord model customize --statistics averaged', or train with model.statistics averaged "
                        + "or post-training"
                    : "train base networks in place of nested ones (strategy split-mix)"))
    }

    /// Throws `ModelError.partial` for what workers share of a model of which each has a part for itself.
    public func checkIsWhole() throws(ModelError) {
        guard card.workersOwn != nil else { return }
        throw ModelError(
            .partial,
            "the file holds what the workers of run \(run) share; each has its own batch normalisation, without which this is no model "
                + "to classify with: use a worker's own model ('fedworker predict|evaluate|export --state DIR', or "
                + "personal/WORKER.safetensors of 'fedcoord simulate --in-process --personal-models')")
    }

    /// What `network`, made by `makeNetwork` of this model, predicts for the values of an example.
    ///
    /// `values` are as many as the input has, [channel][row][column] and in [0, 1] for images.
    public func predict(_ values: [Float], with network: Network) -> Prediction {
        precondition(values.count == input.count, "one example of the model's input")
        return prediction(of: network.probabilities(images: values, adversarialShare: card.robustness))
    }

    /// The classes with their probabilities, which are in the order of the labels.
    func prediction(of probabilities: [Double]) -> Prediction {
        let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
        return Prediction(
            classes: order.map { Prediction.Class(name: card.name(ofClass: $0), probability: probabilities[$0]) })
    }
}
