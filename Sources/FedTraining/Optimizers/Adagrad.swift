// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Steps that shrink where gradients have been large: s ← s + g², θ ← θ − ηg / (√s + ε).
///
/// s starts at 0. Duchi, Hazan and Singer, JMLR 2011, section 1.2, diagonal form, as PyTorch's `Adagrad` has it (whose
/// own default of ε is 1e-10).
final class Adagrad: Optimizer {
    private let parameters: TrainedParameters
    private let epsilon: Float
    private let sum: FloatBuffer

    init(_ rule: OptimizerSpec, on parameters: TrainedParameters) {
        self.parameters = parameters
        epsilon = rule.epsilon
        sum = FloatBuffer(count: parameters.count)
    }

    var history: [FloatBuffer] { [sum] }

    func step(_ network: Network, learningRate: Float) {
        for range in parameters.ranges {
            let start = range.lowerBound
            fed_adagrad_step(
                network.values.start + start, network.gradientValues.start + start, sum.start + start, range.count,
                parameters.step(at: start, learningRate: learningRate), epsilon)
        }
    }
}
