// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a worker carries from one round into the next: the residual of error feedback, and the state of its optimiser.
public struct WorkerMemory: Hashable, Sendable {
    /// What of this a run wants to be kept.
    public struct Rules: Hashable, Sendable {
        /// Whether there is error feedback.
        public var keepsResidual: Bool
        /// Whether the optimiser goes on where it stopped.
        public var keepsOptimizer: Bool
        /// Whether its momentum starts anew where something was sent.
        public var masksMomentum: Bool

        /// The rules of a run.
        public init(uplink: CodecSpec, optimizer: OptimizerSpec) {
            keepsResidual = uplink.keepsResidual
            keepsOptimizer = optimizer.state == .kept
            masksMomentum = uplink.masksMomentum(of: optimizer)
        }

        /// Whether anything is kept.
        public var isNeeded: Bool { keepsResidual || keepsOptimizer }
    }

    /// What payloads have left out so far, in layout order; empty counts as zeros.
    public var residual: [Float]
    /// Where the optimiser stopped; nil for the beginning.
    public var optimizer: OptimizerState?

    /// A memory, of nothing if nothing is given.
    public init(residual: [Float] = [], optimizer: OptimizerState? = nil) {
        self.residual = residual
        self.optimizer = optimizer
    }

    /// The payload for `change`, after which the optimiser stands at `optimizer`; the memory becomes that of after the round.
    ///
    /// Throws what the codec throws, and then leaves the memory as it was.
    public mutating func encode(
        _ change: ParameterVector, optimizer: OptimizerState?, rules: Rules, codec: any GradientCodec,
        generator: SeededGenerator
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
