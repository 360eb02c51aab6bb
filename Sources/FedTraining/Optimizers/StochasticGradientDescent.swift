// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Gradient descent, with momentum if wanted: v ← γv + g, θ ← θ − ηv, or θ ← θ − η(g + γv) in Nesterov's form.
///
/// The velocity starts at 0. This is PyTorch's `SGD` (no dampening), in which a change of η acts at once; Nesterov's form
/// after Sutskever et al., ICML 2013, rewritten for the looked-ahead parameters.
final class StochasticGradientDescent: Optimizer {
    private let parameters: TrainedParameters
    private let momentum: Float
    private let nesterov: Bool
    private let velocity: FloatBuffer?

    init(_ rule: OptimizerSpec, on parameters: TrainedParameters) {
        self.parameters = parameters
        momentum = rule.momentum
        nesterov = rule.nesterov
        velocity = rule.momentum == 0 ? nil : FloatBuffer(count: parameters.count)
    }

    var history: [FloatBuffer] { velocity.map { [$0] } ?? [] }

    func step(_ network: Network, learningRate: Float) {
        for range in parameters.ranges {
            let start = range.lowerBound
            fed_sgd_step(
                network.values.start + start, network.gradientValues.start + start, velocity.map { $0.start + start },
                range.count, parameters.step(at: start, learningRate: learningRate), momentum, nesterov)
        }
    }
}
