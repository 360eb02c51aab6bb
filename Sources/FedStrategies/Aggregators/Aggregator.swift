// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Makes one change of the model out of many.
///
/// One that adds changes up conforms to this protocol; one that needs every change by itself to `BlockAggregator`.
public protocol Aggregator: Sendable {
    /// The registered name.
    var name: String { get }

    /// A round with fewer updates makes no model, at least 1.
    var minimumUpdates: Int { get }

    /// An aggregation of `count` parameters to which nothing has been added.
    ///
    /// `weightBound` is the most that the weights of one round can add up to, at least 1. Throws
    /// `CoreError.weightOutOfRange` when sums of that many examples cannot be kept exactly.
    func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation
}

extension Aggregator {
    public var minimumUpdates: Int { 1 }
}
