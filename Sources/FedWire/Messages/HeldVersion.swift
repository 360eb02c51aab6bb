// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A model that a worker holds in memory.
public struct HeldVersion: Hashable, Sendable {
    /// The run it belongs to.
    public var run: RunID
    /// How many rounds it has been through.
    public var version: ModelVersion

    /// Names a model.
    public init(run: RunID, version: ModelVersion) {
        self.run = run
        self.version = version
    }
}
