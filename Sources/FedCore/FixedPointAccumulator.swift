// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// An exact weighted sum of vectors: each entry is rounded to fixed point once and summed in 64-bit integers.
///
/// Integer addition is associative, so the sum does not depend on the order of arrival, and a resumed round gives the
/// same bits as an uninterrupted one. Memory is 8 bytes a parameter, whatever the number of contributions.
public struct FixedPointAccumulator: Sendable {
    /// A contribution's entry is rounded to a multiple of 2^-`fractionBits`.
    public let fractionBits: Int
    /// No entry may be larger in magnitude.
    public let valueBound: Float
    /// The weights may not add up to more.
    public let weightBound: Int64
    /// The weights added so far.
    public private(set) var totalWeight: Int64 = 0
    /// The weighted sums in units of 2^-`fractionBits`, in layout order.
    public private(set) var sums: [Int64]

    /// The number of entries.
    public var count: Int { sums.count }

    /// An empty sum of `count` entries.
    ///
    /// The bounds decide the precision: as many fraction bits as leave room for `valueBound * weightBound` in 62 bits,
    /// at most 40. Throws `CoreError.weightOutOfRange` when fewer than 16 would remain.
    public init(count: Int, valueBound: Float = 1024, weightBound: Int64) throws(CoreError) {
        precondition(count >= 0 && valueBound >= 1 && valueBound <= 1024 && weightBound >= 1, "bounds are positive")
        let valueBits = valueBound.exponent + (valueBound.significand > 1 ? 1 : 0)
        let weightBits = Float.Exponent(Int64.bitWidth - (weightBound - 1).leadingZeroBitCount)
        let fractionBits = min(40, 62 - Int(valueBits) - Int(weightBits))
        guard fractionBits >= 16 else {
            throw CoreError(
                .weightOutOfRange,
                "example counts may add up to \(weightBound), which leaves no room for exact sums: lower the limit of "
                    + "examples per worker")
        }
        self.fractionBits = fractionBits
        self.valueBound = valueBound
        self.weightBound = weightBound
        sums = [Int64](repeating: 0, count: count)
    }

    /// Throws unless `values` and `weight` can be added: what `add` would throw, without adding.
    ///
    /// Throws `CoreError.countMismatch`, `.weightOutOfRange`, or `.valueOutOfRange` for NaN, infinity or a magnitude
    /// above `valueBound`.
    public func check(_ values: [Float], weight: Int64) throws(CoreError) {
        guard values.count == count else {
            throw CoreError(.countMismatch, "the update has \(values.count) values, the model \(count)")
        }
        guard weight >= 1, weight <= weightBound - totalWeight else {
            throw CoreError(.weightOutOfRange, "the weight \(weight) is not positive or exceeds the round's bound")
        }
        let magnitude = values.withUnsafeBufferPointer { fed_max_magnitude($0.baseAddress, $0.count) }
        guard magnitude.isFinite else {
            throw CoreError(.valueOutOfRange, "the update holds NaN or infinity")
        }
        guard magnitude <= valueBound else {
            throw CoreError(.valueOutOfRange, "the update holds a value beyond ±\(valueBound)")
        }
    }

    /// Adds `weight` times `values`, or throws as `check` does and adds nothing.
    public mutating func add(_ values: [Float], weight: Int64) throws(CoreError) {
        try check(values, weight: weight)
        let scale = Double(sign: .plus, exponent: fractionBits, significand: 1)
        sums.withUnsafeMutableBufferPointer { sums in
            values.withUnsafeBufferPointer { values in
                fed_accumulate(sums.baseAddress, values.baseAddress, values.count, scale, weight)
            }
        }
        totalWeight += weight
    }

    /// The weighted mean, rounded once to Float; zeros when nothing was added.
    public func mean() -> [Float] {
        guard totalWeight > 0 else { return [Float](repeating: 0, count: count) }
        let factor = Double(sign: .plus, exponent: -fractionBits, significand: 1) / Double(totalWeight)
        return [Float](unsafeUninitializedCapacity: count) { means, initialized in
            sums.withUnsafeBufferPointer { fed_fixed_point_mean(means.baseAddress, $0.baseAddress, $0.count, factor) }
            initialized = count
        }
    }
}
