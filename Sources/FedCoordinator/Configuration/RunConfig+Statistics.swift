// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedStrategies

extension RunConfig {
    /// How many rounds train: all, or all but the last where that measures running statistics.
    package var trainedRounds: Int { model.statistics == .postTraining ? rounds - 1 : rounds }

    /// What workers do in a round.
    package func training(in round: RoundID) -> LocalTrainingSpec {
        guard round.rawValue > trainedRounds else { return training }
        var measuring = training
        measuring.statisticsPasses = NormalizationStatistics.passes
        return measuring
    }

    /// A round that measures statistics has nothing to do with steps.
    func validateStatistics() throws(ConfigurationError) {
        guard model.statistics == .postTraining else { return }
        try Self.require(
            rounds >= 2, "rounds: with model.statistics post-training the last round trains nothing; give at least 2")
        try Self.require(
            DownlinkKind(downlink.codec) == .models && uplink.scales != .shared,
            "model.statistics: post-training measures a whole model; set downlink.codec to dense-float32, dense-float16 or "
                + "dense-bfloat16, and uplink.scales to local")
    }
}
