// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An exact weighted mean under way.
public struct WeightedMeanAggregation: Aggregation {
    public private(set) var contributions = 0
    private var sum: FixedPointAccumulator

    /// Continues from `sum`, to which nothing has been added.
    init(sum: FixedPointAccumulator) { self.sum = sum }

    public var parameterCount: Int { sum.count }

    public var totalWeight: Int64 { sum.totalWeight }

    public func check(weight: Int64) throws(CoreError) { try sum.check(weight: weight) }

    public mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        try sum.add(piece, weight: weight)
    }

    public mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError) {
        try sum.count(weight: weight)
        contributions += 1
    }

    public mutating func discount(weight: Int64, in scope: UpdateScope) {
        sum.discount(weight: weight)
        contributions -= 1
    }

    public var exactSum: FixedPointAccumulator? { sum }

    public func finish() -> [Float] { sum.mean() }

    public mutating func takeResult() -> [Float] { sum.takeMean() }
}
