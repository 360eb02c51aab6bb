// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

extension TrainedModel {
    /// The same model with a detector that was fitted to `data`, and how well that does on them.
    ///
    /// Of `data`, best those that the model was trained on, `examples` are drawn by `seed`, or all taken, and so are the random starts of
    /// `attack`. Throws `ModelError.unfitData` for data that the model does not take, `.impossibleDetector` where it has not two
    /// branches with running statistics, and `TrainingError` as `BranchDetectorFit`.
    public func fittingDetector(
        to data: Dataset, attack: AttackSpec, examples: Int? = nil, seed: UInt64 = 1, threads: Int = 1
    ) throws -> (model: TrainedModel, fit: BranchDetectorFit) {
        try checkIsWhole()
        try checkTakes(data)
        let network = try makeNetwork(maximumBatch: max(1, min(256, data.count)), threads: threads)
        guard network.branchFeatures != nil else {
            throw ModelError(
                .impossibleDetector,
                card.model.normalization.isDual
                    ? "the model normalises by the batch, where a detector has nothing to go by"
                    : "the model has one batch norm where a detector chooses between two: train it with model.normalization "
                        + "dual-shared or dual-separate and an adversarial term")
        }
        let fit = try BranchDetectorFit(
            network: network, data: data, attack: attack, examples: examples,
            generator: SeededGenerator(key: seed).stream("detector"))
        var card = card
        card.detector = fit.detector
        return (TrainedModel(run: run, version: version, card: card, parameters: parameters), fit)
    }
}
