// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension OptimizerSpec {
    /// The rule with its state at the beginning.
    func makeOptimizer(on parameters: TrainedParameters) -> any Optimizer {
        switch name {
        case .sgd: StochasticGradientDescent(self, on: parameters)
        case .adamw: AdamW(self, on: parameters)
        case .qhm: QuasiHyperbolicMomentum(self, on: parameters)
        case .adagrad: Adagrad(self, on: parameters)
        case .rmsprop: RMSProp(self, on: parameters)
        }
    }
}
