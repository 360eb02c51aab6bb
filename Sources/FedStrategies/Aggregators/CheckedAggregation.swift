// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Checks changes that are kept elsewhere, as an exact sum would, and adds nothing up.
public struct CheckedAggregation: Aggregation {
    public let parameterCount: Int
    public private(set) var contributions = 0
    public private(set) var totalWeight: Int64 = 0
    private let valueBound: Float
    private let weightBound: Int64

    /// Nothing has come yet; values beyond ±`valueBound` and weights that add up to more than `weightBound` are refused.
    init(parameterCount: Int, valueBound: Float, weightBound: Int64) {
        self.parameterCount = parameterCount
        self.valueBound = valueBound
        self.weightBound = weightBound
    }

    public func check(weight: Int64) throws(CoreError) {
        guard weight >= 1, weight <= weightBound - totalWeight else {
            throw CoreError(.weightOutOfRange, "the weight \(weight) is not positive or exceeds the round's bound")
        }
    }

    public mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        try piece.check(bound: valueBound)
    }

    public mutating func count(weight: Int64) throws(CoreError) {
        try check(weight: weight)
        totalWeight += weight
        contributions += 1
    }

    public mutating func discount(weight: Int64) {
        precondition(weight >= 1 && weight <= totalWeight, "only what was counted is taken out")
        totalWeight -= weight
        contributions -= 1
    }

    public var exactSum: FixedPointAccumulator? { nil }

    public func finish() -> [Float] { preconditionFailure("updates that were not added up are read back") }

    public mutating func takeResult() -> [Float] { finish() }
}

extension UpdatePiece {
    /// Throws `CoreError.valueOutOfRange` for NaN, infinity and magnitudes above `bound`.
    func check(bound: Float) throws(CoreError) {
        let magnitude = magnitude
        guard magnitude.isFinite else { throw CoreError(.valueOutOfRange, "the update holds NaN or infinity") }
        guard magnitude <= bound else {
            throw CoreError(.valueOutOfRange, "the update holds a value beyond ±\(bound)")
        }
    }
}
