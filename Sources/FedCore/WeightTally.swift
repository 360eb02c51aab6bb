// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The weights of the updates that a round counts, which may not add up to more than a bound.
package struct WeightTally: Sendable {
    /// The weights may not add up to more.
    package let bound: Int64
    /// What they add up to.
    package private(set) var total: Int64 = 0

    /// Nothing is counted yet.
    package init(bound: Int64) { self.bound = bound }

    /// Throws `CoreError.weightOutOfRange` unless an update of this weight can be counted.
    package func check(_ weight: Int64) throws(CoreError) {
        guard weight >= 1, weight <= bound - total else {
            throw CoreError(.weightOutOfRange, "the weight \(weight) is not positive or exceeds the round's bound")
        }
    }

    /// Counts a weight; throws as `check` does.
    package mutating func count(_ weight: Int64) throws(CoreError) {
        try check(weight)
        total += weight
    }

    /// Takes a weight that was counted out again.
    package mutating func discount(_ weight: Int64) {
        precondition(weight >= 1 && weight <= total, "only what was counted is taken out")
        total -= weight
    }
}
