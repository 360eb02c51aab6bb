// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// How well a network does for which a detector chooses a branch of its batch norms, example by example.
public struct DetectedEvaluation: Hashable, Codable, Sendable {
    /// Of the branches that were chosen.
    public var evaluation: Evaluation
    /// The share of examples that, as they are, were taken for attacked, in [0, 1].
    public var falseAlarms: Double
    /// The share of attacked examples that were taken for attacked, of those that every start through either branch made, in [0, 1];
    /// nil where no attack was made.
    public var detections: Double?

    /// The result of an evaluation.
    public init(evaluation: Evaluation, falseAlarms: Double, detections: Double? = nil) {
        self.evaluation = evaluation
        self.falseAlarms = falseAlarms
        self.detections = detections
    }
}
