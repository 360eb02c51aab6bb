// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// m ← βm + Δ, θ ← (1 − ηλ)θ + ηm, or θ ← (1 − ηλ)θ + η(Δ + βm) in Nesterov's form; η = 1 without momentum and
/// decay is federated averaging.
///
/// m starts at 0 and is kept as `optimizer.momentum` (FedAvgM: Hsu, Qi and Brown 2019).
struct ServerSGD: ServerOptimizer {
    static let momentum = "optimizer.momentum"

    private let rule: ServerOptimizerSpec

    /// Steps by `rule`, which must be valid.
    init(_ rule: ServerOptimizerSpec) {
        precondition(rule.learningRate > 0 && rule.learningRate.isFinite, "a learning rate is above 0")
        self.rule = rule
    }

    var name: String { "sgd" }

    func step(
        _ model: inout ServerModel, change: [Float], rateScale: Float, in ranges: [Range<Int>]
    ) throws(StrategyError) {
        let rate = rule.learningRate * rateScale
        let beta = rule.momentum
        guard beta > 0 else {
            model.shrink(by: rate * rule.weightDecay, in: ranges)
            model.parameters.withMutableValues { values in
                change.withUnsafeBufferPointer { change in
                    for range in ranges {
                        for index in range { values[index] += rate * change[index] }
                    }
                }
            }
            return
        }
        var momentum = try model.take(Self.momentum, initial: 0)
        model.shrink(by: rate * rule.weightDecay, in: ranges)
        let nesterov = rule.nesterov
        model.parameters.withMutableValues { values in
            momentum.withUnsafeMutableBufferPointer { momentum in
                change.withUnsafeBufferPointer { change in
                    for range in ranges {
                        for index in range { momentum[index] = beta * momentum[index] + change[index] }
                        if nesterov {
                            for index in range { values[index] += rate * (change[index] + beta * momentum[index]) }
                        } else {
                            for index in range { values[index] += rate * momentum[index] }
                        }
                    }
                }
            }
        }
        model.state[Self.momentum] = momentum
    }
}
