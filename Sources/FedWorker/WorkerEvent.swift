// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What happens at a worker, for people to read.
public enum WorkerEvent: Sendable {
    /// The coordinator has let it in.
    case connected(WorkerID, RunID)
    /// The run shares statistics of batch normalisation, and this worker agrees to that or not.
    case statistics(isShared: Bool)
    /// The worker trains adversarially from now on, or no longer, as it can afford.
    case adversarial(Bool)
    /// The connection is gone; the next attempt follows.
    case reconnecting(reason: String, seconds: Double)
    /// Training starts.
    case training(RoundID, of: Int)
    /// Training is done and the update is kept until the coordinator acknowledges it.
    case trained(RoundID, TrainingMetrics, payloadBytes: Int)
    /// The coordinator has the update on disk.
    case acknowledged(RoundID)
    /// The coordinator does not use the update.
    case refused(RoundID, reason: String)
    /// This worker cannot take its assignment.
    case declined(RoundID, reason: String)
    /// Something that was kept of earlier rounds cannot be used: training goes on without it.
    case memoryLost(RoundID, reason: String)
    /// The coordinator no longer wants the update.
    case cancelled(RoundID)
    /// The run is over.
    case runEnded(RunID, outcome: String, message: String)
}
