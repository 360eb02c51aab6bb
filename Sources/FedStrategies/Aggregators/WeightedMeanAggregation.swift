// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An exact weighted mean under way.
public struct WeightedMeanAggregation: Aggregation {
    public private(set) var contributions = 0
    private var sum: FixedPointAccumulator

    /// Continues from `sum`, to which nothing has been added.
    init(sum: FixedPointAccumulator) { self.sum = sum }

    public var totalWeight: Int64 { sum.totalWeight }

    public func check(_ change: [Float], weight: Int64) throws(CoreError) {
        try sum.check(change, weight: weight)
    }

    public mutating func add(_ change: [Float], weight: Int64) throws(CoreError) {
        try sum.add(change, weight: weight)
        contributions += 1
    }

    public func finish() -> [Float] { sum.mean() }
}
