// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Sums of trits out of the sum that updates were folded into.
extension TernarySumCodec {
    /// The payload for the `count` updates of equal weight that `accumulator` holds, all encoded with `scales`.
    ///
    /// An entry of such a sum is a whole number of times what one trit adds: `weight` times the scale in fixed point; a
    /// scale that is nothing in fixed point gives sums of 0, as it does in the mean.
    /// The exact tensors are taken from `mean`, the accumulator's mean. Throws as `encode(sums:of:scales:exact:)` does,
    /// and `CodecError.valueOutOfRange` where an entry is not such a number.
    public func encode(
        _ accumulator: FixedPointAccumulator, of count: Int, weight: Int64, scales: [Float], mean: ParameterVector
    ) throws(CodecError) -> [UInt8] {
        precondition(accumulator.count == mean.layout.count, "the mean is the accumulator's")
        precondition(weight >= 1, "the weight of an update")
        let unit = Double(sign: .plus, exponent: accumulator.fractionBits, significand: 1)
        // `encode` refuses scales that are not finite before it asks for sums, and folding those that are too large.
        let steps = scales.map { scale -> Int64 in
            Int64(exactly: (Double(scale) * unit).rounded(.toNearestOrEven))?
                .multipliedReportingOverflow(by: weight).partialValue ?? 0
        }
        let coded = sections(mean.layout).coded
        var tensor = 0
        return try encode(of: count, scales: scales, exact: mean) { (entries, target) throws(CodecError) in
            while !coded[tensor].contains(entries.lowerBound) { tensor += 1 }
            let step = steps[tensor]
            let valid = accumulator.sums.withUnsafeBufferPointer { sums in
                Self.divide(UnsafeBufferPointer(rebasing: sums[entries]), by: step, bound: count, into: target)
            }
            guard valid else {
                throw CodecError(.valueOutOfRange, "a sum is not one of \(count) trits of the shared scale")
            }
        }
    }

    /// quotients[i] = sums[i] / step, and whether all are whole and at most `bound` in magnitude.
    private static func divide(
        _ sums: UnsafeBufferPointer<Int64>, by step: Int64, bound: Int,
        into quotients: UnsafeMutableBufferPointer<Int32>
    ) -> Bool {
        guard step > 0 else {
            quotients.update(repeating: 0)
            return sums.allSatisfy { $0 == 0 }
        }
        // Quotients are small: the rounded product with the reciprocal is right wherever the division leaves nothing.
        let reciprocal = 1 / Double(step)
        var valid = true
        for index in sums.indices {
            let sum = sums[index]
            let quotient = max(-32_768, min(32_768, (Double(sum) * reciprocal).rounded(.toNearestOrEven)))
            let whole = Int64(quotient)
            valid = valid && whole &* step == sum && whole.magnitude <= bound
            quotients[index] = Int32(truncatingIfNeeded: whole)
        }
        return valid
    }
}
