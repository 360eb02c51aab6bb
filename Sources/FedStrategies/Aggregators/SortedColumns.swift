// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Makes each entry out of the ascending list of what the workers have there.
enum SortedColumns {
    /// What makes `width` entries at `out` out of blocks of sorted columns, row by row.
    typealias Make = (
        _ sorted: UnsafeMutablePointer<Float>, _ width: Int, _ out: UnsafeMutablePointer<Float>
    ) -> Void

    /// The entries that `make` gives; `look` is called with each block before it is sorted.
    static func collect(
        _ updates: any UpdateBlocks,
        before look: (_ values: UnsafeMutableBufferPointer<Float>, _ width: Int) -> Void = { _, _ in },
        _ make: Make
    ) throws -> [Float] {
        let rows = updates.weights.count
        var scratch = [Float](repeating: 0, count: 16 * rows)
        return try RowCombination.collect(updates) { entries, values, out in
            look(values, entries.count)
            guard let base = values.baseAddress else { return }
            scratch.withUnsafeMutableBufferPointer { scratch in
                fed_sort_columns(base, rows, entries.count, scratch.baseAddress)
            }
            make(base, entries.count, out)
        }
    }
}
