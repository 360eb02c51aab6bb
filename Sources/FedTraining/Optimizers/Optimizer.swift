// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A rule that moves a network's trained parameters along its gradient.
///
/// An implementation allocates its state when it is made and nothing in a step. It adds the weight decay λ and the
/// proximal term to the gradient, g = ∇ + λθ + μ(θ − θ_base), or, where the decay is decoupled, first shortens θ to
/// (1 − ηλ)θ (Loshchilov and Hutter, ICLR 2019). It leaves statistics alone. The same calls give the same bits.
protocol Optimizer: AnyObject {
    /// One step of rate η = `learningRate` along the gradient of the network's last backward pass.
    func step(_ network: Network, learningRate: Float)
}
