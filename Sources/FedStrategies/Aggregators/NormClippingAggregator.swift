// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// The weighted mean of changes that are no longer than a bound: a longer one is shortened to it (Sun et al. 2019, "Can you
/// really backdoor federated learning?").
///
/// Without a bound it is the median of the round's norms. Limits how far an attacker can push, not where to.
public struct NormClippingAggregator: BlockAggregator, Hashable {
    /// The longest change in the Euclidean norm, above 0; nil for the median of the round's.
    public let bound: Double?

    /// An aggregator with that bound.
    public init(bound: Double?) {
        precondition(bound ?? 1 > 0, "a bound is above 0")
        self.bound = bound
    }

    public var name: String { AggregatorSpec.Name.normClipping.rawValue }

    public func aggregate(_ updates: any UpdateBlocks) throws -> [Float] {
        let shares = updates.shares
        var squares = [Double](repeating: 0, count: shares.count)
        try updates.forEachBlock { entries, values in
            fed_add_square_norms(&squares, values.baseAddress, shares.count, entries.count)
        }
        let norms = squares.map { $0.squareRoot() }
        let bound = bound ?? Self.median(norms)
        return try RowCombination.sum(
            updates, factors: zip(shares, norms).map { $1 > bound ? $0 * (bound / $1) : $0 })
    }

    /// The lower median, so that it is the norm of a worker; 0 for none.
    static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }
}
