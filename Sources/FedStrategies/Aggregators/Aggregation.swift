// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A round's aggregation under way: changes are added as they arrive, in any order.
///
/// The outcome must be the same bits for every order of arrival, so that a resumed round equals an uninterrupted one.
public protocol Aggregation: Sendable {
    /// How many changes were added.
    var contributions: Int { get }

    /// The sum of their weights.
    var totalWeight: Int64 { get }

    /// Throws what `add` would throw, without adding.
    func check(_ change: [Float], weight: Int64) throws(CoreError)

    /// Adds one worker's change; `weight`, at least 1, is what `Weighting` makes of its examples.
    ///
    /// Throws, and must then have added nothing: `CoreError.countMismatch` for another number of values,
    /// `.weightOutOfRange` for a weight below 1 or beyond the bound, `.valueOutOfRange` for NaN, infinity or a
    /// magnitude that cannot be summed exactly.
    mutating func add(_ change: [Float], weight: Int64) throws(CoreError)

    /// The aggregated change; zeros when nothing was added.
    func finish() -> [Float]
}
