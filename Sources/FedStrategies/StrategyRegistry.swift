// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// All strategies there are.
public enum StrategyRegistry {
    /// The registered names.
    public static let names = [
        "fedavg", StrategySpec.fedBN, StrategySpec.fedProx, StrategySpec.splitMix, StrategySpec.heteroFL,
        StrategySpec.fatAvg, StrategySpec.fatBN, StrategySpec.fatProx, StrategySpec.fedRBN,
    ]

    /// The strategy that `spec` describes, with `fraction` of the workers, in (0, 1], taking part in a round.
    ///
    /// `levels` are those of the network where workers train slices of it; without them rounds can be planned only. Throws
    /// `StrategyError.unknownStrategy`, which lists the known names, or `.invalidSpecification`.
    public static func strategy(
        _ spec: StrategySpec, fraction: Double = 1, levels: [NestedLevel] = []
    ) throws(StrategyError) -> Strategy {
        try spec.validate()
        guard fraction > 0, fraction <= 1 else {
            throw StrategyError(
                .invalidSpecification, "cohort.fraction must be above 0 and at most 1, not \(fraction)")
        }
        // FedAvg: McMahan et al., AISTATS 2017, algorithm 1. FedProx: the same of another objective. FedBN: the same of a
        // part of the model. Split-Mix: the same of each base network. HeteroFL: the same of each entry.
        // FATAvg, FATBN and FATProx: FedAvg, FedBN and FedProx whose workers have objectives of two kinds. FedRBN: FATBN whose
        // workers learn statistics of each other.
        return Strategy(
            name: spec.name, sampler: UniformSampler(fraction: fraction),
            aggregator: spec.aggregator.aggregator, weighting: spec.weighting,
            optimizer: spec.optimizer.optimizer, schedule: spec.schedule, bases: try spec.bases, terms: spec.terms,
            widths: try spec.nestedWidths, levels: levels, adversarialTraining: spec.adversarialTraining)
    }

    static func unknown(_ name: String) -> StrategyError {
        StrategyError(.unknownStrategy, NearestName.unknown("strategy", name, among: names))
    }
}
