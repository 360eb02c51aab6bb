// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The updates of a round, to be read by blocks of neighbouring entries, so that memory does not grow with their number.
///
/// Row r is the change of the r-th worker in the order of their names: what is made of rows is the same bits whatever order
/// they arrived in.
public protocol UpdateBlocks {
    /// What each row counts, at least 1.
    var weights: [Int64] { get }

    /// How many entries a row has.
    var parameterCount: Int { get }

    /// Calls `body` with one block after the other: which entries it covers, ascending, and their values, row by row.
    ///
    /// There are as many blocks as it takes, none for rows without entries; each begins at a multiple of
    /// `UpdateBlockSize.granularity`. All values are finite; what `body` writes over them is lost. Throws where rows cannot be read.
    func forEachBlock(_ body: (_ entries: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>) -> Void) throws
}

extension UpdateBlocks {
    /// How much each row counts in a mean: its share of all weights.
    package var shares: [Double] {
        let total = Double(weights.reduce(0, +))
        return weights.map { Double($0) / total }
    }
}

/// How updates are cut into blocks.
package enum UpdateBlockSize {
    /// What blocks begin at multiples of: sums over blocks then are the same bits however wide blocks are.
    package static let granularity = 256
}
