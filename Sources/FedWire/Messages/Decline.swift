// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A worker cannot take its assignment.
public struct Decline: Hashable, Sendable {
    /// The run of the assignment.
    public var run: RunID
    /// The round of the assignment.
    public var round: RoundID
    /// One sentence for a person; at most 1024 bytes.
    public var reason: String
    /// The version of the run's model that the worker holds in memory; nil for none.
    public var heldVersion: ModelVersion?

    /// Names the assignment and the reason.
    public init(run: RunID, round: RoundID, reason: String, heldVersion: ModelVersion? = nil) {
        self.heldVersion = heldVersion
        self.run = run
        self.round = round
        self.reason = reason
    }
}
