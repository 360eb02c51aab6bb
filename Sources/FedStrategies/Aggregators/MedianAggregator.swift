// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// The median of each entry, for itself (Yin et al., ICML 2018, definition 1); of an even number, the mean of the middle two.
///
/// Stays between the smallest and the largest honest entry as long as fewer than half of the workers attack.
public struct MedianAggregator: BlockAggregator, Hashable {
    /// The only one there is.
    public init() {}

    public var name: String { AggregatorSpec.Name.median.rawValue }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let rows = updates.weights.count
        return try SortedColumns.collect(updates) { sorted, width, out in
            let first = (rows - 1) / 2
            fed_mean_columns(out, sorted + first * width, rows % 2 == 1 ? 1 : 2, width)
        }
    }
}
