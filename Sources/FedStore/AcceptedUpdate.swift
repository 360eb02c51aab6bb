// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// An update that went into a round's model.
public struct AcceptedUpdate: Hashable, Codable, Sendable {
    /// Who sent it.
    public var worker: WorkerID
    /// Examples it rests on.
    public var exampleCount: Int
    /// The size of its payload.
    public var payloadBytes: Int
    /// What the worker reported.
    public var metrics: TrainingMetrics

    /// An accepted update.
    public init(worker: WorkerID, exampleCount: Int, payloadBytes: Int, metrics: TrainingMetrics) {
        self.worker = worker
        self.exampleCount = exampleCount
        self.payloadBytes = payloadBytes
        self.metrics = metrics
    }
}
