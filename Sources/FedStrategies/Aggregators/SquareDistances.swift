// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Squared Euclidean distances between all pairs of updates, and Krum's choice among them.
struct SquareDistances {
    /// How many updates there are.
    let count: Int
    /// Row by row, below the diagonal only.
    private var squares: [Double]

    /// Reads all updates once.
    init(_ updates: any UpdateBlocks) throws {
        count = updates.weights.count
        var squares = [Double](repeating: 0, count: count * count)
        let count = count
        try updates.forEachBlock { entries, values in
            fed_add_square_distances(&squares, values.baseAddress, count, entries.count)
        }
        self.squares = squares
    }

    /// |row `a` − row `b`|².
    subscript(a: Int, b: Int) -> Double { a == b ? 0 : squares[max(a, b) * count + min(a, b)] }

    /// Krum's score of each of `candidates`, of which `attackers` may attack: the sum of its squared distances to the nearest
    /// candidates − attackers − 2 others, at least one (Blanchard et al., NeurIPS 2017).
    func scores(_ candidates: [Int], attackers: Int) -> [Double] {
        let neighbours = max(1, candidates.count - attackers - 2)
        return candidates.map { row in
            candidates.filter { $0 != row }.map { self[row, $0] }.sorted().prefix(neighbours).reduce(0, +)
        }
    }

    /// The `keep` updates with the smallest scores, the first of equal ones, in ascending order.
    func krum(keep: Int, attackers: Int) -> [Int] {
        let scores = scores(Array(0..<count), attackers: attackers)
        let order = (0..<count).sorted { (scores[$0], $0) < (scores[$1], $1) }
        return order.prefix(keep).sorted()
    }
}
