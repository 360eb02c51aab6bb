// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Shortens a gradient that is too long, keeping its direction: g ← g·c/‖g‖ where ‖g‖ > c.
///
/// ‖g‖ is the Euclidean norm of the loss's gradient over all trained parameters together, before weight decay and
/// proximal term (Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1).
struct GradientClipping {
    /// c, above 0.
    let maximumNorm: Float

    /// Shortens the gradient of the network's last backward pass.
    func apply(to network: Network, on parameters: TrainedParameters) {
        apply(to: network, on: parameters.ranges)
    }

    /// Shortens what of the gradient of the network's last backward pass lies in `ranges`, by their norm together.
    func apply(to network: Network, on ranges: [Range<Int>]) {
        var sum = 0.0
        for range in ranges {
            sum += fed_squared_norm(network.gradientValues.start + range.lowerBound, range.count)
        }
        let norm = sum.squareRoot()
        // Infinity and NaN are left to show in the parameters: they mean that training has diverged.
        guard norm > Double(maximumNorm), norm.isFinite else { return }
        let factor = Float(Double(maximumNorm) / norm)
        for range in ranges {
            fed_scale(network.gradientValues.start + range.lowerBound, factor, range.count)
        }
    }
}
