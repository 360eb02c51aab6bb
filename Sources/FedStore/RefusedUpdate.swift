// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An update that did not go into a round's model.
public struct RefusedUpdate: Hashable, Codable, Sendable {
    /// Who sent it.
    public var worker: WorkerID
    /// Why it was refused.
    public var reason: String

    /// A refused update.
    public init(worker: WorkerID, reason: String) {
        self.worker = worker
        self.reason = reason
    }
}
