// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The smoothed geometric median (Pillutla et al. 2019, RFA, algorithm 2): the point whose weighted sum of distances to the
/// updates is smallest, by Weiszfeld's method.
///
/// β_i ← α_i / max(ν, |v − w_i|), v ← Σ β_i w_i / Σ β_i, from the weighted mean on. v is a mean of the updates all the way, so
/// that its distances follow from those between them, and updates are read twice however many iterations there are. Less
/// than half of the weight may attack.
public struct GeometricMedianAggregator: BlockAggregator, Hashable {
    /// How often v is made anew, at least 1.
    public let iterations: Int
    /// ν > 0, below which distances count as ν.
    public let smoothing: Double

    /// An aggregator with these settings.
    public init(iterations: Int, smoothing: Double) {
        precondition(iterations >= 1 && smoothing > 0, "an iteration, and something to divide by")
        self.iterations = iterations
        self.smoothing = smoothing
    }

    public var name: String { AggregatorSpec.Name.geometricMedian.rawValue }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let alpha = updates.shares
        let distances = try SquareDistances(updates)
        var factors = alpha
        for _ in 0..<iterations {
            let squares = Self.squares(distances, factors)
            factors = zip(alpha, squares).map { $0 / max(smoothing, $1.squareRoot()) }
            let total = factors.reduce(0, +)
            for row in factors.indices { factors[row] /= total }
        }
        return try RowCombination.sum(updates, factors: factors)
    }

    /// |v − w_i|² for v = Σ b_j w_j with Σ b_j = 1: Σ_j b_j |w_i − w_j|² − ½ Σ_jk b_j b_k |w_j − w_k|².
    private static func squares(_ distances: SquareDistances, _ factors: [Double]) -> [Double] {
        let rows = factors.indices
        let means = rows.map { row in rows.reduce(0.0) { $0 + factors[$1] * distances[row, $1] } }
        let spread = rows.reduce(0.0) { $0 + factors[$1] * means[$1] } / 2
        return means.map { max(0, $0 - spread) }
    }
}
