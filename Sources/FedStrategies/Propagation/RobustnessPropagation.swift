// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How workers that do not train adversarially become robust by the statistics of those that do (FedRBN, Hong et al., AAAI 2023,
/// section 4).
public struct RobustnessPropagation: Hashable, Sendable {
    /// How much each of those that share statistics counts.
    public let rule: StatisticsPropagation
    /// λ in [0, 1]: the weight of the calibration by propagated statistics in what a worker that gets them minimises; with 0 they
    /// are used by the finished model only.
    public let lambda: Float
    /// So many first rounds are without calibration, at least 0.
    public let warmup: Int

    /// The paper's values, unless said otherwise; they have been validated.
    public init(rule: StatisticsPropagation = StatisticsPropagation(), lambda: Float = 0.5, warmup: Int = 10) {
        precondition((0...1).contains(lambda) && warmup >= 0, "settings are validated before")
        self.rule = rule
        self.lambda = lambda
        self.warmup = warmup
    }

    /// Whether workers that know adversarial statistics calibrate in a round.
    public func calibrates(in round: RoundID) -> Bool { lambda > 0 && round.rawValue > warmup }
}
