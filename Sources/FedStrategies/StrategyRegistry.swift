// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// All strategies there are.
public enum StrategyRegistry {
    /// The registered names.
    public static let names = ["fedavg", StrategySpec.fedBN, StrategySpec.fedProx, StrategySpec.splitMix]

    /// The strategy that `spec` describes, with `fraction` of the workers, in (0, 1], taking part in a round.
    ///
    /// Throws `StrategyError.unknownStrategy`, which lists the known names, or `.invalidSpecification`.
    public static func strategy(_ spec: StrategySpec, fraction: Double = 1) throws(StrategyError) -> Strategy {
        try spec.validate()
        guard fraction > 0, fraction <= 1 else {
            throw StrategyError(
                .invalidSpecification, "cohort.fraction must be above 0 and at most 1, not \(fraction)")
        }
        // FedAvg: McMahan et al., AISTATS 2017, algorithm 1. FedProx: the same of another objective. FedBN: the same of a
        // part of the model. Split-Mix: the same of each
        // base network.
        return Strategy(
            name: spec.name, sampler: UniformSampler(fraction: fraction),
            aggregator: spec.aggregator.aggregator, weighting: spec.weighting,
            optimizer: spec.optimizer.optimizer, schedule: spec.schedule, bases: try spec.bases, terms: spec.terms)
    }

    static func unknown(_ name: String) -> StrategyError {
        StrategyError(.unknownStrategy, NearestName.unknown("strategy", name, among: names))
    }
}
