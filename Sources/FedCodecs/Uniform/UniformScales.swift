// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The scales of uniform levels: each tensor's largest magnitude.
enum UniformScales {
    /// A scale below this is written as 0: such a tensor is as good as zero, and products stay normal numbers.
    private static let smallest: Float = 0x1p-100
    /// No scale is larger: every level times the step stays finite.
    private static let largest: Float = 0x1p127

    /// The scale of each tensor of finite values; throws `CodecError.valueOutOfRange`.
    static func scales(of values: [Float], tensors: [Range<Int>]) throws(CodecError) -> [Float] {
        let scales = values.withUnsafeBufferPointer { values in
            tensors.map { tensor in
                let magnitude = fed_max_magnitude(values[tensor].base, tensor.count)
                return magnitude < smallest ? 0 : magnitude
            }
        }
        guard scales.allSatisfy({ $0 <= largest }) else {
            throw CodecError(.valueOutOfRange, "the update holds a value beyond ±2^127: use the codec dense-float32")
        }
        return scales
    }

    /// The scales in a part of a payload; throws `CodecError.invalidScale`.
    static func read(_ part: UnsafeRawBufferPointer) throws(CodecError) -> [Float] {
        let count = part.count / 4
        let scales = [Float](unsafeUninitializedCapacity: count) { scales, initialized in
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: scales[..<count]), from: part, at: 0)
            initialized = count
        }
        // Negative numbers, minus zero, NaN and infinity all have larger patterns than the bound.
        guard scales.allSatisfy({ $0.bitPattern <= largest.bitPattern }) else {
            throw CodecError(.invalidScale, "a tensor's scale is negative, NaN or beyond 2^127")
        }
        return scales
    }
}

extension Slice where Base == UnsafeBufferPointer<Float> {
    /// Where the slice begins.
    fileprivate var base: UnsafePointer<Float>? { UnsafeBufferPointer(rebasing: self).baseAddress }
}
