// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Krum and Multi-Krum (Blanchard et al., NeurIPS 2017): the mean of the updates that have the nearest neighbours.
///
/// Needs n ≥ 2f + 3 updates of which at most f attack. With one update kept this is Krum; more of them lose less of what the
/// honest workers learnt.
public struct KrumAggregator: BlockAggregator, Hashable {
    /// f, how many workers may attack.
    public let attackers: Int
    /// m, of how many updates the mean is; nil for n − f − 2, the most that AggregaThor allows (El Mhamdi et al., MLSys 2019).
    public let keep: Int?
    public let name: String

    /// Krum.
    public init(attackers: Int) {
        precondition(attackers >= 0, "a number of workers")
        self.attackers = attackers
        keep = 1
        name = AggregatorSpec.Name.krum.rawValue
    }

    /// Multi-Krum.
    public init(attackers: Int, keeping keep: Int?) {
        precondition(attackers >= 0 && keep ?? 1 >= 1, "numbers of workers")
        self.attackers = attackers
        self.keep = keep
        name = AggregatorSpec.Name.multiKrum.rawValue
    }

    public var minimumUpdates: Int { max(2 * attackers + 3, (keep ?? 1) + attackers + 2) }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let keep = keep ?? updates.weights.count - attackers - 2
        let chosen = try SquareDistances(updates).krum(keep: keep, attackers: attackers)
        return try RowCombination.mean(updates, of: chosen)
    }
}
