// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// θ ← θ + η·Δ, where Δ is the mean change; η = 1 is federated averaging.
public struct ServerSGD: ServerOptimizer, Hashable {
    /// η, above 0.
    public let learningRate: Float

    /// Steps by η = `learningRate`, above 0.
    public init(learningRate: Float = 1) {
        precondition(learningRate > 0 && learningRate.isFinite, "a learning rate is above 0")
        self.learningRate = learningRate
    }

    public var name: String { "sgd" }

    public func step(base: ParameterVector, change: [Float]) -> ParameterVector {
        var next = base
        next.add(change, scale: learningRate)
        return next
    }
}
