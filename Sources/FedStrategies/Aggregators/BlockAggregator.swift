// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An aggregator that reads the updates of a round back once all are there.
///
/// What `begin` returns checks updates while they arrive, and holds nothing of them.
public protocol BlockAggregator: Aggregator {
    /// Makes one change out of the rows of `updates`, of which there are at least `minimumUpdates`.
    ///
    /// Must depend on the rows and their order only, and hold no more of them than a block. Throws what reading them does.
    func aggregate(_ updates: any UpdateBlocks) throws -> [Float]
}

extension BlockAggregator {
    /// No value of a change may be larger in magnitude.
    public static var valueBound: Float { 1024 }

    public func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation {
        CheckedAggregation(parameterCount: count, valueBound: Self.valueBound, weightBound: weightBound)
    }
}
