// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How well a model does on a test split.
public struct Evaluation: Hashable, Codable, Sendable {
    /// Share of examples classified correctly, in [0, 1].
    public var accuracy: Double
    /// Mean softmax cross-entropy, in nats.
    public var loss: Double
    /// Share of examples classified correctly in spite of an attack, in [0, 1]; nil where none was made.
    public var robustAccuracy: Double?

    /// The result of an evaluation.
    public init(accuracy: Double, loss: Double, robustAccuracy: Double? = nil) {
        self.accuracy = accuracy
        self.loss = loss
        self.robustAccuracy = robustAccuracy
    }
}
