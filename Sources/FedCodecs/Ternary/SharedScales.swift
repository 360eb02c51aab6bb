// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The scale of each tensor that the workers of a round share: the largest of all (TernGrad, section 3.2, scaler sharing).
///
/// But no more than `outlier` times the median of those that are not 0: one worker whose scale is out of all proportion would
/// make all trits of the others 0. Entries of its own beyond the shared scale are clipped. Zeros count for nothing: who has
/// nothing to send sends zeros whatever the scale.
public struct SharedScales: Equatable, Sendable {
    /// How many times the median a scale may be.
    public static let outlier: Float = 16

    private let count: Int
    /// What each worker sent.
    private var reports: [[Float]] = []

    /// Scales of `count` tensors.
    public init(count: Int) {
        precondition(count >= 0, "a number of tensors")
        self.count = count
    }

    /// Throws `CodecError.invalidScale` for another number of scales, and for one that is negative, NaN, infinite or
    /// above 0 but below 2^-100: one such scale would spoil all workers' updates.
    public func check(_ scales: [Float]) throws(CodecError) {
        guard scales.count == count else {
            throw CodecError(.invalidScale, "a worker sent \(scales.count) scales, this model takes \(count)")
        }
        try TensorScale.check(scales)
    }

    /// Takes a worker's scales into account; throws as `check` does, and then changes nothing.
    public mutating func take(_ scales: [Float]) throws(CodecError) {
        try check(scales)
        reports.append(scales)
    }

    /// One scale for each coded tensor, in layout order, whatever the order of the reports; 0 where nobody reported another.
    ///
    /// The median is the lower one where there are two, and so the smaller of two scales.
    public var values: [Float] {
        (0..<count).map { tensor in
            let scales = reports.map { $0[tensor] }.filter { $0 > 0 }.sorted()
            guard let largest = scales.last else { return 0 }
            return min(largest, Self.outlier * scales[(scales.count - 1) / 2])
        }
    }
}
