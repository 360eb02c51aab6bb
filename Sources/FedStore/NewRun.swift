// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What is recorded of a run when it is made.
public struct NewRun: Hashable, Sendable {
    /// The run.
    public var id: RunID
    /// What people call it.
    public var name: String
    /// The seed that its numbers follow from.
    public var seed: UInt64
    /// The configuration as its author wrote it.
    public var configuration: String

    /// A run to record.
    public init(id: RunID, name: String, seed: UInt64, configuration: String) {
        self.id = id
        self.name = name
        self.seed = seed
        self.configuration = configuration
    }
}
