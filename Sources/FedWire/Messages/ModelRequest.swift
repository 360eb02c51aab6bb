// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A worker cannot use the steps of its assignment and wants it again with the whole model.
public struct ModelRequest: Hashable, Sendable {
    /// Why steps are of no use.
    public enum Reason: Hashable, Sendable, CaseIterable {
        /// The worker does not hold the version that the steps begin with.
        case notHeld
        /// The steps led to a model with another SHA-256.
        case mismatch
        /// A step could not be decoded.
        case unusable
    }

    /// The run of the assignment.
    public var run: RunID
    /// The round of the assignment.
    public var round: RoundID
    /// Why steps are of no use.
    public var reason: Reason

    /// Names the assignment and the reason.
    public init(run: RunID, round: RoundID, reason: Reason) {
        self.run = run
        self.round = round
        self.reason = reason
    }
}
