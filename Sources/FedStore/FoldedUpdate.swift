// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An update of an earlier round that went into a round's model.
public struct FoldedUpdate: Hashable, Codable, Sendable {
    /// The round that it was made in.
    public var round: RoundID
    /// The update.
    public var update: AcceptedUpdate

    /// A folded update.
    public init(round: RoundID, update: AcceptedUpdate) {
        self.round = round
        self.update = update
    }
}
