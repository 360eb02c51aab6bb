// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Makes the next model from the last one and the aggregated change.
///
/// The change is a pseudo-gradient with the opposite sign: it points where the workers went (Reddi et al., ICLR 2021,
/// algorithm 2, Δ_t).
public protocol ServerOptimizer: Sendable {
    /// The registered name.
    var name: String { get }

    /// The next model; `change` has as many values as `base`.
    ///
    /// What it does with running statistics does not matter: `Strategy.nextModel` sets those itself.
    func step(base: ParameterVector, change: [Float]) -> ParameterVector
}
