// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The scale of each tensor that the workers of a round share: the largest of all (TernGrad, section 3.2, scaler sharing).
///
/// But no more than `outlier` times the largest that is left when those of an eighth of the workers, at least of one, are set
/// aside: a worker whose scale is out of all proportion would make all trits of the others 0. The median would be too small
/// a measure: late in a training most workers' few examples have next to no gradient, and a few have nearly all of it.
/// Entries beyond the shared scale are clipped. Zeros count for nothing: who has nothing to send sends zeros.
public struct SharedScales: Equatable, Sendable {
    /// How many times the largest of the others a scale may be.
    public static let outlier: Float = 16
    /// One of so many workers may report what it likes.
    public static let workersAnOutlier = 8

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
    /// Where no more than those that are set aside are not 0, the smallest of them is the measure.
    public var values: [Float] {
        let outliers = max(1, reports.count / Self.workersAnOutlier)
        return (0..<count).map { tensor in
            let scales = reports.map { $0[tensor] }.filter { $0 > 0 }.sorted()
            guard let largest = scales.last else { return 0 }
            return min(largest, Self.outlier * scales[max(0, scales.count - 1 - outliers)])
        }
    }
}
