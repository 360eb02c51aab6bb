// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Quasi-hyperbolic momentum: m ← βm + (1 − β)g, θ ← θ − η((1 − ν)g + νm).
///
/// m starts at 0. Ma and Yarats, ICLR 2019, eq. 3 and 4. With ν = 0 this is plain descent, with ν = 1 momentum whose
/// velocity is scaled by 1 − β (η is 1 / (1 − β) times that of `StochasticGradientDescent`), with ν = β Nesterov's.
final class QuasiHyperbolicMomentum: Optimizer {
    private let parameters: TrainedParameters
    private let beta: Float
    private let nu: Float
    private let mean: FloatBuffer

    init(_ rule: OptimizerSpec, on parameters: TrainedParameters) {
        self.parameters = parameters
        beta = rule.momentum
        nu = rule.nu
        mean = FloatBuffer(count: parameters.count)
    }

    var history: [FloatBuffer] { [mean] }

    func step(_ network: Network, learningRate: Float) {
        for range in parameters.ranges {
            let start = range.lowerBound
            fed_qhm_step(
                network.values.start + start, network.gradientValues.start + start, mean.start + start, range.count,
                parameters.step(at: start, learningRate: learningRate), beta, nu)
        }
    }
}
