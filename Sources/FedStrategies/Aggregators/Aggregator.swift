// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Makes one change of the model out of many.
public protocol Aggregator: Sendable {
    /// The registered name.
    var name: String { get }

    /// An aggregation of `count` parameters to which nothing has been added.
    ///
    /// `weightBound` is the most that the weights of one round can add up to, at least 1. Throws
    /// `CoreError.weightOutOfRange` when sums of that many examples cannot be kept exactly.
    func begin(count: Int, weightBound: Int64) throws(CoreError) -> any Aggregation
}
