// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The mean of the changes, weighted by examples (McMahan et al., AISTATS 2017, algorithm 1: Σ n_k/n · Δ_k).
public struct WeightedMeanAggregator: Aggregator, Hashable {
    /// No value of a change may be larger in magnitude, in [1, 1024].
    public let valueBound: Float

    /// An aggregator that refuses changes beyond ±`valueBound`, in [1, 1024].
    public init(valueBound: Float = 1024) {
        precondition(valueBound >= 1 && valueBound <= 1024, "the bound is in [1, 1024]")
        self.valueBound = valueBound
    }

    public var name: String { AggregatorSpec.Name.weightedMean.rawValue }

    public func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation {
        WeightedMeanAggregation(
            sum: try FixedPointAccumulator(count: count, valueBound: valueBound, weightBound: weightBound))
    }
}
