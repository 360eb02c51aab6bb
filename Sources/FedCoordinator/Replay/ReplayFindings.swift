// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStore

/// What a replay has checked; whatever is not as it was recorded ends a replay with an error.
public struct ReplayFindings: Hashable, Sendable {
    /// The hashes of all records.
    public var records: RecordChain.Head
    /// How many rounds the run has committed.
    public var rounds: Int
    /// The rounds that made, from their stored updates, the model that their record names.
    public var replayed: [RoundID] = []
    /// How many updates these were.
    public var updates = 0
    /// The models whose checkpoints are those that records name.
    public var checkpoints: [ModelVersion] = []
    /// The files of the finished run that fit the records.
    public var files: [String] = []

    /// The committed rounds whose updates were not kept, or whose base is unknown because of that.
    public var notReplayed: Int { rounds - replayed.count }
}
