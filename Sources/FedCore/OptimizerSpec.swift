// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The optimiser that a worker steps with, as a run file's `training.optimizer` section says it.
public struct OptimizerSpec: Hashable, Codable, Sendable {
    /// The optimisers a worker can step with.
    public enum Name: String, Codable, CaseIterable, Sendable {
        /// Stochastic gradient descent, with momentum in the form v ← γv + g, θ ← θ − ηv.
        case sgd
    }

    /// Which rule to step by.
    public var name: Name
    /// η, above 0.
    public var learningRate: Float
    /// γ in [0, 1).
    public var momentum: Float
    /// λ ≥ 0, added to the gradient as λθ.
    public var weightDecay: Float

    /// An optimiser with every default visible.
    public init(name: Name = .sgd, learningRate: Float, momentum: Float = 0, weightDecay: Float = 0) {
        self.name = name
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, learningRate, momentum, weightDecay
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decodeIfPresent(Name.self, forKey: .name) ?? .sgd,
            learningRate: try container.decode(Float.self, forKey: .learningRate),
            momentum: try container.decodeIfPresent(Float.self, forKey: .momentum) ?? 0,
            weightDecay: try container.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0)
    }
}
