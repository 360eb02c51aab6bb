// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Noise on weights and biases while the gradient is taken (SmoothOut, Wen et al. 2018, algorithm 1 with de-noising).
///
/// The parameters are restored from a copy, so that a step moves them by exactly −η∇L(θ + u): adding and subtracting u
/// is not exact. Normalisation layers keep their parameters, and their statistics follow the noisy pass.
final class SmoothOut {
    private let spec: SmoothOutSpec
    private let ranges: [Range<Int>]
    private let saved: FloatBuffer

    init(_ spec: SmoothOutSpec, network: Network) {
        self.spec = spec
        ranges = network.layout.ranges { role, _ in role == .weight || role == .bias }
        saved = FloatBuffer(count: network.layout.count)
    }

    /// Moves the parameters to θ + u; entry i of u depends on `key` and i only.
    func perturb(_ network: Network, key: UInt64) {
        for range in ranges {
            let start = range.lowerBound
            fed_perturb(
                network.values.start + start, saved.start + start, range.count, key, UInt64(start), spec.range,
                spec.scaling == .magnitude)
        }
    }

    /// Moves the parameters back to θ.
    func restore(_ network: Network) {
        for range in ranges {
            (network.values.start + range.lowerBound).update(from: saved.start + range.lowerBound, count: range.count)
        }
    }
}
