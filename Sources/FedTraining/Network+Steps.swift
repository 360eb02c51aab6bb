// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension Network {
    /// The parameters after each of the steps that `rule` takes along `gradients`, which are in layout order.
    ///
    /// The present parameters are θ_base of the proximal term μ. For checks of the rules themselves; training goes
    /// through `LocalTraining`.
    package func parameters(
        after gradients: [[Float]], rule: OptimizerSpec, mu: Float = 0, clipNorm: Float? = nil
    ) -> [[Float]] {
        let parameters = TrainedParameters(of: self, rule: rule, mu: mu)
        let optimizer = rule.makeOptimizer(on: parameters)
        return gradients.map { gradient in
            gradientValues.copy(from: gradient)
            if let clipNorm { GradientClipping(maximumNorm: clipNorm).apply(to: self, on: parameters) }
            optimizer.step(self, learningRate: rule.learningRate)
            return values.values
        }
    }
}
