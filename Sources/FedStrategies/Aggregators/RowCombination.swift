// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Entries that are made block by block, and sums of rows times factors.
enum RowCombination {
    /// The entries that `make` writes to `out`, for each block those that it covers.
    static func collect(
        _ updates: any UpdateBlocks,
        _ make: (
            _ entries: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>, _ out: UnsafeMutablePointer<Float>
        ) -> Void
    ) throws -> [Float] {
        var result = [Float](repeating: 0, count: updates.parameterCount)
        try updates.forEachBlock { entries, values in
            result.withUnsafeMutableBufferPointer { result in
                guard let out = UnsafeMutableBufferPointer(rebasing: result[entries]).baseAddress else { return }
                make(entries, values, out)
            }
        }
        return result
    }

    /// The sum of all rows, each times its factor.
    static func sum(_ updates: any UpdateBlocks, factors: [Double]) throws -> [Float] {
        try collect(updates) { entries, values, out in
            fed_combine_rows(out, values.baseAddress, factors, factors.count, entries.count)
        }
    }

    /// The mean of the rows whose numbers are `chosen`, which are ascending.
    static func mean(_ updates: any UpdateBlocks, of chosen: [Int]) throws -> [Float] {
        try collect(updates) { entries, values, out in
            guard let base = values.baseAddress else { return }
            gather(chosen, base, width: entries.count)
            fed_mean_columns(out, base, chosen.count, entries.count)
        }
    }

    /// Moves the rows whose numbers are `chosen`, which are ascending, to the front of a block.
    static func gather(_ chosen: [Int], _ values: UnsafeMutablePointer<Float>, width: Int) {
        for (place, row) in chosen.enumerated() where place != row {
            (values + place * width).update(from: values + row * width, count: width)
        }
    }
}
