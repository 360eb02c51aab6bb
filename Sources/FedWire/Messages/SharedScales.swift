// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The scales that all workers of a round quantise with.
public struct SharedScales: Hashable, Sendable {
    /// The run of the assignment.
    public var run: RunID
    /// The round of the assignment.
    public var round: RoundID
    /// One for each coded tensor, in layout order; finite and not negative.
    public var scales: [Float]

    /// The scales of a round.
    public init(run: RunID, round: RoundID, scales: [Float]) {
        self.run = run
        self.round = round
        self.scales = scales
    }
}
