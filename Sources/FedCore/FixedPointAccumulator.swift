// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// An exact weighted sum of vectors: each entry is rounded to fixed point once and summed in 64-bit integers.
///
/// Integer addition is associative, so the sum does not depend on the order of arrival, and a resumed round gives the
/// same bits as an uninterrupted one. Memory is 8 bytes a parameter, whatever the number of contributions.
public struct FixedPointAccumulator: Sendable {
    /// Entries whose mean is made at a time.
    private static let stretch = 1 << 18

    /// No sum has fewer.
    public static let leastFractionBits = 16

    /// A contribution's entry is rounded to a multiple of 2^-`fractionBits`.
    public let fractionBits: Int
    /// No entry may be larger in magnitude.
    public let valueBound: Float
    /// The weights may not add up to more.
    public var weightBound: Int64 { weights.bound }
    /// The weights added so far.
    public var totalWeight: Int64 { weights.total }
    private var weights: WeightTally
    /// The weighted sums in units of 2^-`fractionBits`, in layout order.
    public private(set) var sums: [Int64]

    /// The number of entries.
    public var count: Int { sums.count }

    /// An empty sum of `count` entries.
    ///
    /// The bounds decide the precision: as many fraction bits as leave room for `valueBound * weightBound` in 62 bits,
    /// at most 40. Throws `CoreError.weightOutOfRange` when fewer than 16 would remain.
    public init(count: Int, valueBound: Float = 1024, weightBound: Int64) throws(CoreError) {
        precondition(count >= 0, "a count is not negative")
        fractionBits = try Self.fractionBits(valueBound: valueBound, weightBound: weightBound)
        self.valueBound = valueBound
        weights = WeightTally(bound: weightBound)
        sums = [Int64](unsafeUninitializedCapacity: count) { sums, initialized in
            fed_fold_clear(sums.baseAddress, count)
            initialized = count
        }
    }

    /// How many fraction bits a sum with these bounds, which are positive, has; throws as `init` does.
    public static func fractionBits(valueBound: Float = 1024, weightBound: Int64) throws(CoreError) -> Int {
        precondition(weightBound >= 1, "bounds are positive")
        let weightBits = Int64.bitWidth - (weightBound - 1).leadingZeroBitCount
        let fractionBits = min(40, 62 - bits(of: valueBound) - weightBits)
        guard fractionBits >= leastFractionBits else {
            throw CoreError(
                .weightOutOfRange,
                "example counts may add up to \(weightBound), which leaves no room for exact sums: lower the limit of "
                    + "examples per worker")
        }
        return fractionBits
    }

    /// The largest sum of weights that leaves so many fraction bits, `leastFractionBits` to 40.
    public static func weightBound(leaving fractionBits: Int, valueBound: Float = 1024) -> Int64 {
        precondition((leastFractionBits...40).contains(fractionBits), "a sum has so many fraction bits")
        return 1 << Int64(62 - bits(of: valueBound) - fractionBits)
    }

    private static func bits(of valueBound: Float) -> Int {
        precondition(valueBound >= 1 && valueBound <= 1024, "the bound is in [1, 1024]")
        return Int(valueBound.exponent) + (valueBound.significand > 1 ? 1 : 0)
    }

    /// Throws `CoreError.weightOutOfRange` unless an update of this weight can be added.
    public func check(weight: Int64) throws(CoreError) { try weights.check(weight) }

    /// Adds `weight` times a piece of an update; a negative weight takes out again what was added with the positive one.
    ///
    /// The piece must lie within the vector. Throws `CoreError.valueOutOfRange` for NaN, infinity or a magnitude above
    /// `valueBound`, and then has added nothing of the piece.
    public mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        let scale = Double(sign: .plus, exponent: fractionBits, significand: 1)
        switch piece {
        case .dense(let values, let start):
            try check(values)
            let entries = start..<start + values.count
            sums.withUnsafeMutableBufferPointer {
                fed_accumulate($0[entries].base, values.baseAddress, values.count, scale, weight)
            }
        case .levels(let levels, let step, let start):
            let largest = fed_largest_level(levels.baseAddress, levels.count)
            // A step may be beyond any bound where nothing is a multiple of it.
            guard largest > 0 else { return }
            try check(magnitude: Float(largest) * step)
            let entries = start..<start + levels.count
            if largest <= 1 {
                let weighted = fixed(step) &* weight
                sums.withUnsafeMutableBufferPointer {
                    fed_fold_trits($0[entries].base, levels.baseAddress, levels.count, weighted)
                }
            } else {
                let table = (0...255).map { fixed(Float(Int8(truncatingIfNeeded: $0)) * step) &* weight }
                sums.withUnsafeMutableBufferPointer {
                    fed_fold_levels($0[entries].base, levels.baseAddress, levels.count, table)
                }
            }
        case .sparse(let positions, let values, let start):
            precondition(positions.count == values.count, "a value for each position")
            try check(values)
            guard let last = positions.last else { return }
            let entries = start..<start + Int(last) + 1
            sums.withUnsafeMutableBufferPointer {
                fed_fold_sparse(
                    $0[entries].base, positions.baseAddress, values.baseAddress, values.count, scale, weight)
            }
        }
    }

    /// Adds an update of which all entries are at hand.
    ///
    /// Throws `CoreError.countMismatch`, `.weightOutOfRange` or `.valueOutOfRange`, and then has added nothing.
    public mutating func add(_ values: [Float], weight: Int64) throws(CoreError) {
        guard values.count == count else {
            throw CoreError(.countMismatch, "the update has \(values.count) values, the model \(count)")
        }
        try check(weight: weight)
        var failure: CoreError?
        values.withUnsafeBufferPointer { values in
            do throws(CoreError) { try add(.dense(values, at: 0), weight: weight) } catch { failure = error }
        }
        if let failure { throw failure }
        try count(weight: weight)
    }

    /// A value in units of 2^-`fractionBits`, rounded to nearest with ties to even.
    private func fixed(_ value: Float) -> Int64 {
        Int64((Double(value) * Double(sign: .plus, exponent: fractionBits, significand: 1)).rounded(.toNearestOrEven))
    }

    /// Counts the weight of an update all pieces of which were added; throws as `check(weight:)` does.
    public mutating func count(weight: Int64) throws(CoreError) { try weights.count(weight) }

    /// Takes a weight that was counted out again, with the pieces of its update.
    public mutating func discount(weight: Int64) { weights.discount(weight) }

    private func check(_ values: UnsafeBufferPointer<Float>) throws(CoreError) {
        try check(magnitude: fed_max_magnitude(values.baseAddress, values.count))
    }

    private func check(magnitude: Float) throws(CoreError) {
        try UpdatePiece.check(magnitude: magnitude, bound: valueBound)
    }

    /// The weighted mean, rounded once to Float; zeros when nothing was added.
    public func mean() -> [Float] {
        guard totalWeight > 0 else { return [Float](repeating: 0, count: count) }
        return sums.withUnsafeBufferPointer { Self.means(of: $0, factor: factor) { _ in } }
    }

    /// The same, after which nothing is left of the sum, not even its length: its memory goes back to the system while the
    /// mean is made, so that both together take no more than the sum did.
    public mutating func takeMean() -> [Float] {
        guard totalWeight > 0 else {
            defer { sums = [] }
            return mean()
        }
        let factor = factor
        let means = sums.withUnsafeMutableBufferPointer { sums in
            Self.means(of: UnsafeBufferPointer(sums), factor: factor) { done in
                MemoryPages.giveBack(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: sums[done])))
            }
        }
        sums = []
        weights = WeightTally(bound: weightBound)
        return means
    }

    /// What a unit of the sums counts in the mean; something must have been added.
    private var factor: Double { Double(sign: .plus, exponent: -fractionBits, significand: 1) / Double(totalWeight) }

    /// The sums times `factor`, in stretches; each is told to `done` and not read any more.
    private static func means(
        of sums: UnsafeBufferPointer<Int64>, factor: Double, _ done: (Range<Int>) -> Void
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: sums.count) { means, initialized in
            for start in stride(from: 0, to: sums.count, by: stretch) {
                let range = start..<min(start + stretch, sums.count)
                fed_fixed_point_mean(
                    UnsafeMutableBufferPointer(rebasing: means[range]).baseAddress,
                    UnsafeBufferPointer(rebasing: sums[range]).baseAddress, range.count, factor)
                done(range)
            }
            initialized = sums.count
        }
    }
}

extension Slice where Base == UnsafeMutableBufferPointer<Int64> {
    /// Where the slice begins.
    fileprivate var base: UnsafeMutablePointer<Int64>? { UnsafeMutableBufferPointer(rebasing: self).baseAddress }
}
