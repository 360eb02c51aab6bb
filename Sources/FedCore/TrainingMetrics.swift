// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a worker reports about its training, for people to read; the coordinator takes no decision on it.
public struct TrainingMetrics: Hashable, Codable, Sendable {
    /// Mean objective over the last epoch's batches, before each step.
    public var loss: Double
    /// Share of examples that were classified correctly during the last epoch, in [0, 1].
    public var accuracy: Double
    /// Wall-clock seconds of training.
    public var seconds: Double

    /// Metrics of one assignment.
    public init(loss: Double, accuracy: Double, seconds: Double) {
        self.loss = loss
        self.accuracy = accuracy
        self.seconds = seconds
    }
}
