// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The largest scale of each tensor over the workers of a round (TernGrad, section 3.2, scaler sharing).
public struct SharedScales: Equatable, Sendable {
    /// One for each coded tensor, in layout order; zeros before any worker's were taken.
    public private(set) var values: [Float]

    /// Scales of `count` tensors.
    public init(count: Int) {
        precondition(count >= 0, "a number of tensors")
        values = [Float](repeating: 0, count: count)
    }

    /// Takes a worker's scales into account.
    ///
    /// Throws `CodecError.invalidScale` for another number of scales, and for one that is negative, NaN, infinite or
    /// above 0 but below 2^-100: one such scale would spoil all workers' updates. Nothing changes then.
    public mutating func take(_ scales: [Float]) throws(CodecError) {
        guard scales.count == values.count else {
            throw CodecError(.invalidScale, "a worker sent \(scales.count) scales, this model takes \(values.count)")
        }
        try TensorScale.check(scales)
        for index in values.indices { values[index] = max(values[index], scales[index]) }
    }
}
