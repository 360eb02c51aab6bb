// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Adam with decoupled weight decay: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
/// θ ← (1 − ηλ)θ − η·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) in step t.
///
/// m and v start at 0. Loshchilov and Hutter, ICLR 2019, algorithm 2, with ηλ for ηₜλ as in PyTorch's `AdamW`.
final class AdamW: Optimizer {
    private let parameters: TrainedParameters
    private let beta1: Float
    private let beta2: Float
    private let epsilon: Float
    private let mean: FloatBuffer
    private let square: FloatBuffer
    /// β₁ᵗ and β₂ᵗ after t steps.
    private var powers = (1.0, 1.0)

    init(_ rule: OptimizerSpec, on parameters: TrainedParameters) {
        self.parameters = parameters
        beta1 = rule.beta1
        beta2 = rule.beta2
        epsilon = rule.epsilon
        mean = FloatBuffer(count: parameters.count)
        square = FloatBuffer(count: parameters.count)
    }

    var history: [FloatBuffer] { [mean, square] }

    func setSteps(_ steps: Int) {
        powers = (1, 1)
        // As single steps would, so that a training that goes on has the bits of one that never ended.
        for _ in 0..<steps {
            let next = (powers.0 * Double(beta1), powers.1 * Double(beta2))
            if next == powers { break }
            powers = next
        }
    }

    func step(_ network: Network, learningRate: Float) {
        powers.0 *= Double(beta1)
        powers.1 *= Double(beta2)
        let rate = Float(Double(learningRate) / (1 - powers.0))
        let root = Float((1 - powers.1).squareRoot())
        for range in parameters.ranges {
            let start = range.lowerBound
            fed_adam_step(
                network.values.start + start, network.gradientValues.start + start, mean.start + start,
                square.start + start, range.count,
                parameters.step(at: start, learningRate: learningRate, rate: rate), beta1, beta2, root, epsilon)
        }
    }
}
