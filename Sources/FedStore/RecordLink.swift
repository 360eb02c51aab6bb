// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What the hash of a committed round is made of; see `RecordChain`.
public struct RecordLink: Hashable, Sendable {
    /// The round.
    public var round: RoundID
    /// Its plan, as it is stored (JSON).
    public var plan: String
    /// Its record, as it is stored (JSON).
    public var record: String
    /// Its hash; nil for a round that an older version of this program recorded.
    public var hash: String?

    /// A link.
    package init(round: RoundID, plan: String, record: String, hash: String?) {
        self.round = round
        self.plan = plan
        self.record = record
        self.hash = hash
    }
}
