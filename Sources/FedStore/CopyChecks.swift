// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How the copies of the model fared that workers keep where steps travel down.
public struct CopyChecks: Hashable, Codable, Sendable {
    /// How often a worker was asked to compare its copy with the coordinator's model, once a round at most.
    public var comparisons: Int
    /// How often a worker was sent the whole model because steps were of no use to it: they led it to another model, it
    /// had lost its copy, or could not decode them.
    public var repairs: Int

    /// So many comparisons and repairs.
    public init(comparisons: Int = 0, repairs: Int = 0) {
        self.comparisons = comparisons
        self.repairs = repairs
    }
}
