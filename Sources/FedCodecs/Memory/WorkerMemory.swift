// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a worker carries from one round into the next: the residual of error feedback, the state of its optimiser, and the
/// parameters that do not travel.
public struct WorkerMemory: Hashable, Sendable {
    /// What of this a run wants to be kept.
    public struct Rules: Hashable, Sendable {
        /// Whether there is error feedback.
        public var keepsResidual: Bool
        /// Whether the optimiser goes on where it stopped.
        public var keepsOptimizer: Bool
        /// Whether its momentum starts anew where something was sent.
        public var masksMomentum: Bool
        /// Whether there are parameters that do not travel.
        public var keepsOwn: Bool

        /// The rules of a run.
        public init(uplink: CodecSpec, optimizer: OptimizerSpec, keepsOwn: Bool = false) {
            self.keepsOwn = keepsOwn
            keepsResidual = uplink.keepsResidual
            keepsOptimizer = optimizer.state == .kept
            masksMomentum = uplink.masksMomentum(of: optimizer)
        }

        /// Whether anything is kept.
        public var isNeeded: Bool { keepsResidual || keepsOptimizer || keepsOwn }
    }

    /// What payloads have left out so far, in layout order; empty counts as zeros.
    public var residual: [Float]
    /// Where the optimiser stopped; nil for the beginning.
    public var optimizer: OptimizerState?
    /// The worker's own parameters, those that do not travel, in layout order; empty for what they begin with.
    public var own: [Float]

    /// A memory, of nothing if nothing is given.
    public init(residual: [Float] = [], optimizer: OptimizerState? = nil, own: [Float] = []) {
        self.own = own
        self.residual = residual
        self.optimizer = optimizer
    }

    /// The payload for `change`, after which the optimiser stands at `optimizer` and the worker's own parameters are `own`; the
    /// memory becomes that of after the round.
    ///
    /// Throws what the codec throws, and then leaves the memory as it was.
    public mutating func encode(
        _ change: ParameterVector, optimizer: OptimizerState?, own: [Float] = [], rules: Rules,
        codec: any GradientCodec, generator: SeededGenerator
    ) throws(CodecError) -> [UInt8] {
        var next = rules.keepsOptimizer ? optimizer : nil
        let payload: [UInt8]
        if rules.keepsResidual {
            payload = try ErrorFeedback.encode(
                change, residual: &residual, codec: codec, generator: generator,
                onSent: { piece in if rules.masksMomentum { next?.maskMomentum(sentBy: piece) } })
        } else {
            payload = try codec.encode(change, generator: generator)
            if rules.masksMomentum {
                try ErrorFeedback.forEachPiece(of: payload, codec: codec, layout: change.layout) { piece in
                    next?.maskMomentum(sentBy: piece)
                }
            }
        }
        self.optimizer = next
        self.own = own
        return payload
    }

    /// Takes up again what was sent and not used, where there is error feedback; the optimiser's state stays.
    ///
    /// Throws `CodecError` for bytes that are no payload of this codec.
    public mutating func takeBack(
        _ payload: [UInt8], codec: any GradientCodec, layout: ModelLayout
    ) throws(CodecError) {
        guard !residual.isEmpty else { return }
        try ErrorFeedback.takeBack(payload, into: &residual, codec: codec, layout: layout)
    }
}
