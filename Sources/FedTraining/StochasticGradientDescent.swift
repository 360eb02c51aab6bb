// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Gradient descent with momentum and weight decay: g ← ∇ + λθ + μ(θ − θ_base), v ← γv + g, θ ← θ − ηv.
///
/// The proximal term's gradient (FedProx, Li et al. 2020, eq. 2) is part of the step, which so reads every parameter
/// once. Statistics are left alone. The velocity starts at 0.
final class StochasticGradientDescent {
    private let rule: OptimizerSpec
    private let mu: Float
    private let base: FloatBuffer?
    private let velocity: FloatBuffer?
    /// Neighbouring trainable tensors as one range.
    private let ranges: [Range<Int>]

    /// Prepares for steps on `network`, whose present parameters are θ_base.
    init(_ rule: OptimizerSpec, mu: Float, network: Network) {
        self.rule = rule
        self.mu = mu
        velocity = rule.momentum == 0 ? nil : FloatBuffer(count: network.layout.count)
        if mu == 0 {
            base = nil
        } else {
            let copy = FloatBuffer(count: network.layout.count)
            copy.start.update(from: network.values.start, count: network.layout.count)
            base = copy
        }
        var ranges: [Range<Int>] = []
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
        where !parameter.role.isStatistics {
            if let last = ranges.last, last.upperBound == segment.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<segment.upperBound
            } else {
                ranges.append(segment)
            }
        }
        self.ranges = ranges
    }

    /// (μ/2)·‖θ − θ_base‖² over the trained parameters.
    func penalty(of network: Network) -> Double {
        guard let base else { return 0 }
        var sum = 0.0
        for range in ranges {
            let start = range.lowerBound
            sum += fed_squared_distance(network.values.start + start, base.start + start, range.count)
        }
        return 0.5 * Double(mu) * sum
    }

    /// One step along the gradient of the network's last backward pass.
    func step(_ network: Network) {
        for range in ranges {
            let start = range.lowerBound
            fed_sgd_step(
                network.values.start + start, network.gradientValues.start + start, velocity.map { $0.start + start },
                base.map { $0.start + start }, range.count, rule.learningRate, rule.momentum, rule.weightDecay, mu)
        }
    }
}
