// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Strategies of which only some workers train adversarially (Hong et al., AAAI 2023).
extension StrategySpec {
    /// All travels and is averaged.
    package static let fatAvg = "fatavg"
    /// Batch normalisation stays with each worker.
    package static let fatBN = "fatbn"
    /// Workers stay near the model that they are sent.
    package static let fatProx = "fatprox"
    /// Batch normalisation stays with each worker, and adversarial statistics are propagated.
    package static let fedRBN = "fedrbn"

    static let defaultLambda: Float = 0.5
    static let defaultWarmup = 10

    /// Whether only some workers, who are named when a run starts, train adversarially.
    public var trainsSomeAdversarially: Bool { [Self.fatAvg, Self.fatBN, Self.fatProx, Self.fedRBN].contains(name) }

    /// Whether adversarial statistics get to those who do not train adversarially.
    public var propagatesRobustness: Bool { name == Self.fedRBN }

    /// How workers train of which only some attack their inputs; nil where all train alike. The settings must be valid.
    package var adversarialTraining: FederatedAdversarialTraining? {
        trainsSomeAdversarially ? FederatedAdversarialTraining(propagation: robustnessPropagation) : nil
    }

    /// How robustness gets from worker to worker; nil where it does not. The settings must be valid.
    package var robustnessPropagation: RobustnessPropagation? {
        guard propagatesRobustness, let propagation, let temperature, let lambda, let warmup else { return nil }
        return RobustnessPropagation(
            rule: StatisticsPropagation(weighting: propagation, temperature: temperature), lambda: lambda,
            warmup: warmup)
    }

    func validatePropagation() throws(StrategyError) {
        let keys = [
            ("lambda", lambda != nil), ("propagation", propagation != nil), ("temperature", temperature != nil),
            ("warmup", warmup != nil),
        ]
        for (key, isGiven) in keys where isGiven && !propagatesRobustness {
            throw StrategyError(
                .invalidSpecification,
                "strategy.\(key): only \(Self.fedRBN) propagates robustness; remove the key or set strategy.name to it")
        }
        guard (0...1).contains(lambda ?? 0) else {
            throw StrategyError(.invalidSpecification, "strategy.lambda: must be in [0, 1], not \(lambda ?? 0)")
        }
        let temperature = temperature ?? 1
        guard temperature > 0, temperature.isFinite else {
            throw StrategyError(.invalidSpecification, "strategy.temperature: must be above 0, not \(temperature)")
        }
        guard (0...1_000_000).contains(warmup ?? 0) else {
            throw StrategyError(
                .invalidSpecification, "strategy.warmup: must be 0 to 1000000 rounds, not \(warmup ?? 0)")
        }
    }
}
