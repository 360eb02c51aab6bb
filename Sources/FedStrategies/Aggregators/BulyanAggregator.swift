// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// Bulyan of Krum (El Mhamdi et al., ICML 2018): n − 2f updates are chosen one by one, each the best of what is left
/// by Krum; each entry then is the mean of the n − 4f of theirs that are nearest to their median.
///
/// Needs n ≥ 4f + 3 updates of which at most f attack. Where Krum lets a single entry be far off, this does not.
public struct BulyanAggregator: BlockAggregator, Hashable {
    /// f, how many workers may attack.
    public let attackers: Int

    /// An aggregator against so many.
    public init(attackers: Int) {
        precondition(attackers >= 0, "a number of workers")
        self.attackers = attackers
    }

    public var name: String { AggregatorSpec.Name.bulyan.rawValue }

    public var minimumUpdates: Int { 4 * attackers + 3 }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let chosen = try selection(SquareDistances(updates))
        let keep = chosen.count - 2 * attackers
        var scratch = [Float](repeating: 0, count: 16 * chosen.count)
        return try RowCombination.collect(updates) { entries, values, out in
            guard let base = values.baseAddress else { return }
            RowCombination.gather(chosen, base, width: entries.count)
            fed_sort_columns(base, chosen.count, entries.count, &scratch)
            fed_mean_near_median(out, base, chosen.count, entries.count, keep)
        }
    }

    /// The chosen updates, ascending.
    private func selection(_ distances: SquareDistances) throws -> [Int] {
        var left = Array(0..<distances.count)
        var chosen: [Int] = []
        for _ in 0..<(distances.count - 2 * attackers) {
            let scores = distances.scores(left, attackers: attackers)
            guard let best = left.indices.min(by: { (scores[$0], $0) < (scores[$1], $1) }) else { break }
            chosen.append(left.remove(at: best))
        }
        return chosen.sorted()
    }
}
