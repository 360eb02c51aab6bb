// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a worker does with the model it is sent, as a run file's `training` section says it.
public struct LocalTrainingSpec: Hashable, Codable, Sendable {
    /// Passes over the worker's data, at least 1; ignored where `steps` is set.
    public var epochs: Int
    /// Optimiser steps instead of whole epochs; 0 returns the model unchanged.
    public var steps: Int?
    /// Examples a step, at least 1; the last batch of an epoch may be smaller.
    public var batchSize: Int
    /// How to step.
    public var optimizer: OptimizerSpec
    /// The terms whose sum is minimised.
    public var objective: [ObjectiveTerm]

    /// A specification with every default visible.
    public init(
        epochs: Int = 1, steps: Int? = nil, batchSize: Int = 32, optimizer: OptimizerSpec,
        objective: [ObjectiveTerm] = [.crossEntropy]
    ) {
        self.epochs = epochs
        self.steps = steps
        self.batchSize = batchSize
        self.optimizer = optimizer
        self.objective = objective
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case epochs, steps, batchSize, optimizer, objective
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            epochs: try container.decodeIfPresent(Int.self, forKey: .epochs) ?? 1,
            steps: try container.decodeIfPresent(Int.self, forKey: .steps),
            batchSize: try container.decodeIfPresent(Int.self, forKey: .batchSize) ?? 32,
            optimizer: try container.decode(OptimizerSpec.self, forKey: .optimizer),
            objective: try container.decodeIfPresent([ObjectiveTerm].self, forKey: .objective) ?? [.crossEntropy])
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "training." + message) }
        }
        try require((1...100_000).contains(epochs), "epochs must be 1 to 100000, not \(epochs)")
        if let steps { try require((0...100_000_000).contains(steps), "steps must be 0 to 100000000, not \(steps)") }
        try require((1...1_000_000).contains(batchSize), "batchSize must be 1 to 1000000, not \(batchSize)")
        try require(
            optimizer.learningRate.isFinite && optimizer.learningRate > 0,
            "optimizer.learningRate must be above 0, not \(optimizer.learningRate)")
        try require(
            (0..<1).contains(optimizer.momentum), "optimizer.momentum must be in [0, 1), not \(optimizer.momentum)")
        try require(
            optimizer.weightDecay.isFinite && optimizer.weightDecay >= 0,
            "optimizer.weightDecay must be 0 or more, not \(optimizer.weightDecay)")
        try require(objective.contains(.crossEntropy), "objective needs the term cross-entropy")
        for case .proximal(let mu) in objective {
            try require(mu.isFinite && mu >= 0, "objective: mu must be 0 or more, not \(mu)")
        }
    }
}
