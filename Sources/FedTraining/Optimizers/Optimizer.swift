// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A rule that moves a network's trained parameters along its gradient.
///
/// An implementation allocates its state when it is made and nothing in a step. It adds the weight decay λ and the
/// proximal term to the gradient, g = ∇ + λθ + μ(θ − θ_base), or, where the decay is decoupled, first shortens θ to
/// (1 − ηλ)θ (Loshchilov and Hutter, ICLR 2019). It leaves statistics alone. The same calls give the same bits.
protocol Optimizer: AnyObject {
    /// One step of rate η = `learningRate` along the gradient of the network's last backward pass.
    func step(_ network: Network, learningRate: Float)

    /// What it has gathered, in the order of `OptimizerSpec.quantities`; 0 at the beginning and for what is not trained.
    var history: [FloatBuffer] { get }

    /// The next step is the one after `steps`, at least 0; for rules that count.
    func setSteps(_ steps: Int)
}

extension Optimizer {
    func setSteps(_ steps: Int) {}

    /// Goes on from `state`, which is valid for this rule and network.
    func resume(from state: OptimizerState) {
        precondition(state.vectors.count == history.count, "the state was validated")
        for (buffer, vector) in zip(history, state.vectors) { buffer.copy(from: vector.values) }
        setSteps(state.steps)
    }

    /// The state after `steps` steps by `rule`, which made this optimiser.
    func state(of rule: OptimizerSpec, steps: Int) -> OptimizerState {
        OptimizerState(
            rule: rule.name, steps: steps,
            vectors: zip(rule.quantities, history).map { OptimizerState.Vector($0, $1.values) })
    }
}
