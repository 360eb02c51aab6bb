// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Checks changes that are kept elsewhere, as an exact sum would, and adds nothing up.
public struct CheckedAggregation: Aggregation {
    public let parameterCount: Int
    public private(set) var contributions = 0
    private let valueBound: Float
    private var weights: WeightTally

    /// Nothing has come yet; values beyond ±`valueBound` and weights that add up to more than `weightBound` are refused.
    init(parameterCount: Int, valueBound: Float, weightBound: Int64) {
        self.parameterCount = parameterCount
        self.valueBound = valueBound
        weights = WeightTally(bound: weightBound)
    }

    public var totalWeight: Int64 { weights.total }

    public func check(weight: Int64) throws(CoreError) { try weights.check(weight) }

    public mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        try piece.check(bound: valueBound)
    }

    public mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError) {
        try weights.count(weight)
        contributions += 1
    }

    public mutating func discount(weight: Int64, in scope: UpdateScope) {
        weights.discount(weight)
        contributions -= 1
    }

    public var exactSum: FixedPointAccumulator? { nil }

    public func finish() -> [Float] { preconditionFailure("updates that were not added up are read back") }

    public mutating func takeResult() -> [Float] { finish() }
}

extension UpdatePiece {
    /// Throws `CoreError.valueOutOfRange` for NaN, infinity and magnitudes above `bound`.
    func check(bound: Float) throws(CoreError) {
        try Self.check(magnitude: magnitude, bound: bound)
    }
}
