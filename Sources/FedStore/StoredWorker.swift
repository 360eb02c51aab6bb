// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// What is known of a worker that has connected at least once.
public struct StoredWorker: Hashable, Sendable {
    /// The worker.
    public var worker: WorkerID
    /// When it first connected.
    public var firstSeen: Date
    /// When it was last noted.
    public var lastSeen: Date
    /// Where it connected from.
    public var address: String
    /// The program and version it reported.
    public var agent: String

    package init(worker: WorkerID, firstSeen: Date, lastSeen: Date, address: String, agent: String) {
        self.worker = worker
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.address = address
        self.agent = agent
    }
}
