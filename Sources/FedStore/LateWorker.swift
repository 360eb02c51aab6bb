// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A worker that was still at work when its round closed.
public struct LateWorker: Hashable, Codable, Sendable {
    /// Who.
    public var worker: WorkerID
    /// Seconds from its assignment to the end of the round.
    public var seconds: Double

    /// A late worker.
    public init(worker: WorkerID, seconds: Double) {
        self.worker = worker
        self.seconds = seconds
    }
}
