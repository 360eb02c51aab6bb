// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The scales of uniform levels: each tensor's largest magnitude.
enum UniformScales {
    /// No scale is larger: every level times the step stays finite.
    static let largest: Float = 0x1p127

    /// The scale of each tensor of finite values; throws `CodecError.valueOutOfRange`.
    static func scales(of values: [Float], tensors: [Range<Int>]) throws(CodecError) -> [Float] {
        let scales = values.withUnsafeBufferPointer { values in
            tensors.map { tensor in
                let magnitude = fed_max_magnitude(values[tensor].base, tensor.count)
                return magnitude < TensorScale.smallest ? 0 : magnitude
            }
        }
        guard scales.allSatisfy({ $0 <= largest }) else {
            throw CodecError(.valueOutOfRange, "the update holds a value beyond ±2^127: use the codec dense-float32")
        }
        return scales
    }
}

extension Slice where Base == UnsafeBufferPointer<Float> {
    /// Where the slice begins.
    fileprivate var base: UnsafePointer<Float>? { UnsafeBufferPointer(rebasing: self).baseAddress }
}
