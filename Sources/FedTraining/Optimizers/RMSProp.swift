// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Steps divided by a running root mean square: s ← ρs + (1 − ρ)g², q = g / (√s + ε), θ ← θ − ηq, or with momentum
/// v ← γv + q, θ ← θ − ηv.
///
/// s and v start at 0. Tieleman and Hinton, Coursera lecture 6.5 (2012), as PyTorch's `RMSprop` has it (not centred;
/// ρ is its `alpha`).
final class RMSProp: Optimizer {
    private let parameters: TrainedParameters
    private let rho: Float
    private let momentum: Float
    private let epsilon: Float
    private let square: FloatBuffer
    private let velocity: FloatBuffer?

    init(_ rule: OptimizerSpec, on parameters: TrainedParameters) {
        self.parameters = parameters
        rho = rule.rho
        momentum = rule.momentum
        epsilon = rule.epsilon
        square = FloatBuffer(count: parameters.count)
        velocity = rule.momentum == 0 ? nil : FloatBuffer(count: parameters.count)
    }

    var history: [FloatBuffer] { [square] + (velocity.map { [$0] } ?? []) }

    func step(_ network: Network, learningRate: Float) {
        for range in parameters.ranges {
            let start = range.lowerBound
            fed_rmsprop_step(
                network.values.start + start, network.gradientValues.start + start, square.start + start,
                velocity.map { $0.start + start }, range.count,
                parameters.step(at: start, learningRate: learningRate), rho, momentum, epsilon)
        }
    }
}
