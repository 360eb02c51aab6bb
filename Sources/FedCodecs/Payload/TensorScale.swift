// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// What the levels of a tensor are multiples of.
enum TensorScale {
    /// A scale below this is written as 0: such a tensor is as good as zero, and products stay normal numbers.
    static let smallest: Float = 0x1p-100

    /// s = min(max|v|, bound), where bound is `clip` standard deviations, or the root mean square where that is larger;
    /// max|v| for a `clip` of 0.
    ///
    /// The root mean square matters only for tensors whose mean dwarfs their spread, such as those of one entry, which
    /// c·σ = 0 would erase. Throws `CodecError.nonFiniteValue` for NaN or infinity.
    static func scale(of tensor: UnsafeBufferPointer<Float>, clip: Double) throws(CodecError) -> Float {
        let moments = fed_ternary_moments(tensor.baseAddress, tensor.count)
        guard moments.largest.isFinite else { throw FiniteCheck.error }
        guard clip > 0 else { return moments.largest < smallest ? 0 : moments.largest }
        let mean = moments.sum / Double(tensor.count)
        let meanSquare = moments.sum_of_squares / Double(tensor.count)
        let deviation = max(0, meanSquare - mean * mean).squareRoot()
        let bound = max(clip * deviation, meanSquare.squareRoot())
        let scale = min(moments.largest, Float(bound))
        return scale < smallest ? 0 : scale
    }

    /// Throws `CodecError.invalidScale` unless every scale is one that `scale(of:clip:)` can give.
    static func check(_ scales: [Float]) throws(CodecError) {
        guard scales.allSatisfy({ $0.bitPattern == 0 || ($0 >= smallest && $0.isFinite) }) else { throw error }
    }

    /// The scales in a payload's part, none beyond `largest`; throws `CodecError.invalidScale`.
    static func read(
        _ part: UnsafeRawBufferPointer, largest: Float = .greatestFiniteMagnitude
    ) throws(CodecError) -> [Float] {
        let count = part.count / MemoryLayout<Float>.size
        let scales = [Float](unsafeUninitializedCapacity: count) { scales, initialized in
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: scales[..<count]), from: part, at: 0)
            initialized = count
        }
        // Negative numbers, minus zero, NaN and infinity all have larger patterns than the largest finite number.
        guard scales.allSatisfy({ $0.bitPattern <= largest.bitPattern }) else { throw error }
        return scales
    }

    private static var error: CodecError {
        CodecError(.invalidScale, "a tensor's scale is negative, NaN, infinite, too large or too small")
    }
}
