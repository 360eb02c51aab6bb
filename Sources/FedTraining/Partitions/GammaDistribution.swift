// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
package import FedCore

/// Gamma and Dirichlet variates, the same bits on every machine.
package enum GammaDistribution {
    /// One draw from the symmetric Dirichlet distribution: `count` proportions that add up to 1.
    ///
    /// Normalised gamma variates, computed as logarithms: with a small `alpha` all variates may be below the smallest
    /// double.
    package static func dirichlet(alpha: Double, count: Int, using generator: inout SeededGenerator) -> [Double] {
        var logarithms: [Double] = []
        for _ in 0..<count { logarithms.append(logarithm(shape: alpha, using: &generator)) }
        let largest = logarithms.max() ?? 0
        let weights = logarithms.map { fed_exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// The logarithm of a Gamma(`shape`, 1) variate.
    ///
    /// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 2000; a shape below 1 by their
    /// remark in section 6, Gamma(a) = Gamma(a + 1)·U^(1/a).
    static func logarithm(shape: Double, using generator: inout SeededGenerator) -> Double {
        guard shape >= 1 else {
            let base = logarithm(shape: shape + 1, using: &generator)
            return base + fed_log(positiveUniform(&generator)) / shape
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = NormalDistribution.sample(using: &generator)
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if fed_log(positiveUniform(&generator)) < 0.5 * x * x + d - d * v + d * fed_log(v) {
                return fed_log(d * v)
            }
        }
    }

    /// Uniform in (0, 1].
    private static func positiveUniform(_ generator: inout SeededGenerator) -> Double {
        1 - generator.nextUnitDouble()
    }
}
