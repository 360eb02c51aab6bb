// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedStrategies

extension RunConfig {
    /// How many rounds train: all, or all but the last where that measures running statistics.
    package var trainedRounds: Int { model.statistics == .postTraining ? rounds - 1 : rounds }

    /// What workers do in a round.
    package func training(in round: RoundID) -> LocalTrainingSpec {
        guard isMeasuring(round) else { return training }
        var measuring = training
        measuring.statisticsPasses = NormalizationStatistics.passes
        return measuring
    }

    /// Whether a round only measures statistics, which every worker does for all of the model, whatever it can afford to train.
    package func isMeasuring(_ round: RoundID) -> Bool { round.rawValue > trainedRounds }

    /// What the deadline of a round that measures is in multiples of that of a round that trains.
    ///
    /// Passes forward count as whole ones, and steps instead of epochs as one of these at most.
    package var measuringFactor: Double {
        Double(NormalizationStatistics.passes)
            / Double(training.steps == nil ? min(training.epochs, NormalizationStatistics.passes) : 1)
    }

    /// The least number of seconds for it where `training.steps` says nothing of how long a pass takes.
    package static let leastMeasuringSeconds = 3600.0

    /// A round that measures statistics has nothing to do with steps.
    func validateStatistics() throws(ConfigurationError) {
        guard model.statistics == .postTraining else { return }
        try Self.require(
            rounds >= 2, "rounds: with model.statistics post-training the last round trains nothing; give at least 2")
        try Self.require(
            DownlinkKind(downlink.codec) == .models && uplink.scales != .shared,
            "model.statistics: post-training measures a whole model; set downlink.codec to dense-float32, dense-float16 or "
                + "dense-bfloat16, and uplink.scales to local")
        try Self.require(
            cohort.late == .refuse,
            "cohort.late: with model.statistics post-training an update that trained does not belong into the last round; set it "
                + "to refuse")
        try Self.require(
            strategy.aggregator.name == .weightedMean,
            "strategy.aggregator: with model.statistics post-training statistics are averaged; choose weighted-mean")
        for case .calibration in training.objective {
            throw ConfigurationError(
                .invalid,
                "training.objective: calibration is by statistics that stay; set model.statistics to averaged, or remove the term"
            )
        }
    }
}
