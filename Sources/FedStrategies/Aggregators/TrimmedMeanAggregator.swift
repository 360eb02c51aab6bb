// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// The mean of each entry without its smallest and largest ones (Yin et al., ICML 2018, definition 2), which may be weighted.
///
/// Stays between the smallest and the largest honest entry as long as no more attack than are trimmed at each end.
public struct TrimmedMeanAggregator: BlockAggregator, Hashable {
    /// How many entries go at each end: a share of the workers in [0, 0.5), or a whole number from 1 on.
    public let trim: Double

    /// An aggregator that trims as much.
    public init(trim: Double) {
        precondition((0..<0.5).contains(trim) || trim >= 1, "a share is below a half, a number at least 1")
        self.trim = trim
    }

    public var name: String { AggregatorSpec.Name.trimmedMean.rawValue }

    public var minimumUpdates: Int { trim < 1 ? 1 : 2 * Int(trim) + 1 }

    /// How many of the entries of `updates` workers go at each end, where a product that only rounding put below an integer
    /// counts as that integer.
    func count(of updates: Int) -> Int {
        trim < 1 ? Int(trim * Double(updates) * (1 + 0x1p-50)) : Int(trim)
    }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let weights = updates.weights
        let rows = weights.count
        let count = count(of: rows)
        precondition(2 * count < rows, "something is left of a round with enough updates")
        guard Set(weights).count > 1 else {
            return try SortedColumns.collect(updates) { sorted, width, out in
                fed_mean_columns(out, sorted + count * width, rows - 2 * count, width)
            }
        }
        var copy: [Float] = []
        let factors = weights.map(Double.init)
        return try SortedColumns.collect(updates) { values, width in
            copy = Array(values)
        } _: { sorted, width, out in
            fed_weighted_trimmed_mean(
                out, copy, factors, sorted + count * width, sorted + (rows - 1 - count) * width, count, rows, width)
        }
    }
}
