// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Refuses NaN and infinity.
enum FiniteCheck {
    /// Throws `CodecError.nonFiniteValue` unless every value is a number.
    static func check(_ values: [Float]) throws(CodecError) {
        try values.withUnsafeBufferPointer { (values) throws(CodecError) in try check(values) }
    }

    /// The same for values in place.
    static func check(_ values: UnsafeBufferPointer<Float>) throws(CodecError) {
        guard fed_max_magnitude(values.baseAddress, values.count).isFinite else { throw error }
    }

    /// What is thrown for NaN or infinity.
    static var error: CodecError {
        CodecError(.nonFiniteValue, "the update holds NaN or infinity: lower the learning rate or clip the gradients")
    }
}
