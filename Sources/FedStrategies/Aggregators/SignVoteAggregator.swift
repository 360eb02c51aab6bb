// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A majority vote of signs (Bernstein et al., ICML 2018, algorithm 3, signSGD with majority vote): each entry of the change is
/// ±step as most workers say, 0 where as many say one as the other; a 0 abstains.
///
/// Every worker has one vote, whatever it was trained on. Votes are counted while updates arrive; levels, as those of ternary
/// updates, as they are.
public struct SignVoteAggregator: Aggregator, Hashable {
    /// What an entry of the change is where a majority is for it, above 0.
    public let step: Float

    /// An aggregator whose changes are ±`step`.
    public init(step: Float) {
        precondition(step > 0 && step.isFinite, "a step is above 0")
        self.step = step
    }

    public var name: String { AggregatorSpec.Name.signVote.rawValue }

    public func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation {
        SignVoteAggregation(
            votes: try FixedPointAccumulator(count: count, valueBound: 1, weightBound: weightBound), step: step)
    }
}
