// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCodecs
package import FedCore
package import FedStrategies

/// Makes the next model out of a round's change, and the step that lets workers make it, too.
package struct ModelMaker: Sendable {
    /// The part of the change that no step has carried yet.
    package static let residual = "downlink.residual"

    /// How a step makes the next model.
    package let steps: StepRule
    private let rule: ServerRule
    let codec: any GradientCodec
    private let seed: SeededGenerator
    /// How many base networks the model has.
    private let bases: Int

    /// A maker for a run; `codec` encodes the steps of `kind`, and draws at random from `seed`.
    package init(kind: DownlinkKind, rule: ServerRule, codec: any GradientCodec, seed: UInt64, bases: Int = 1) {
        self.bases = bases
        steps = StepRule(kind, rule: rule)
        self.rule = rule
        self.codec = codec
        self.seed = SeededGenerator(key: seed)
    }

    /// The maker of a run; throws `CodecError` for a codec that `validated` would have refused.
    package init(_ config: RunConfig, strategy: Strategy) throws(CodecError) {
        self.init(
            kind: DownlinkKind(config.downlink.codec),
            rule: strategy.rule(rounds: config.rounds, trained: config.trainedRounds),
            codec: try CodecRegistry.codec(config.downlink), seed: config.seed, bases: config.network.bases)
    }

    /// How whole models travel: as the run says, and exactly where steps are the rule.
    package var modelCodec: any GradientCodec { steps.kind == .models ? codec : DenseFloat32Codec() }

    /// Makes the model of `round` out of the workers' changes; returns the encoded step that leads to it, or nil where whole
    /// models travel.
    ///
    /// The changes are not to be used any more. `scales` are those that the workers shared, where the step is the mean of
    /// their levels. Throws `StrategyError`, or `CodecError` for a change that cannot be encoded; the model is then not to be
    /// used any more.
    package func advance(
        _ model: inout ServerModel, by changes: inout any Aggregation, scales: [Float]? = nil, round: RoundID
    ) throws -> [UInt8]? {
        guard steps.kind == .gradients else {
            let parts = changes.trained.ranges(of: changes.parameterCount, bases: bases)
            return try advance(&model, by: changes.takeResult(), round: round, in: parts)
        }
        let layout = model.parameters.layout
        let payload = try sums(of: changes, layout, scales: scales)
        let step = try codec.decode(payload, layout: layout)
        try steps.take(step.values, to: ModelVersion(round.rawValue), from: &model)
        return payload
    }

    /// The same for a change that is at hand; not where the step is the mean of levels.
    package func advance(
        _ model: inout ServerModel, by change: consuming [Float], round: RoundID, in parts: [Range<Int>]? = nil
    ) throws -> [UInt8]? {
        switch steps.kind {
        case .models:
            try rule.advance(&model, by: change, round: round, in: parts)
            return nil
        case .changes: return try advanceByChange(&model, by: change, round: round)
        case .gradients: preconditionFailure("only sums of levels travel as gradients")
        }
    }

    /// A ← A + u, step = codec(A), W ← W + step, A ← A − step, where u is what the server's optimiser does (Sattler et al.
    /// 2019, algorithm 2, server).
    ///
    /// Vectors are as large as the model: each is given up as soon as it can be, and changed in place.
    private func advanceByChange(
        _ model: inout ServerModel, by change: consuming [Float], round: RoundID
    ) throws -> [UInt8] {
        let layout = model.parameters.layout
        let base = model.parameters
        try rule.advance(&model, by: change, round: round)
        _ = consume change
        model.parameters.subtract(base)
        var residual =
            try model.state.removeValue(forKey: Self.residual).map { try ParameterVector(layout: layout, values: $0) }
            ?? ParameterVector(zeros: layout)
        residual.add(model.parameters.values)
        model.parameters = consume base
        let payload = try encode(residual, round)
        let step = try codec.decode(payload, layout: layout)
        try steps.take(step.values, to: ModelVersion(round.rawValue), from: &model)
        residual.subtract(step)
        model.state[Self.residual] = residual.values
        return payload
    }

    private func encode(_ step: ParameterVector, _ round: RoundID) throws -> [UInt8] {
        try codec.encode(step, generator: seed.stream("downlink", UInt64(round.rawValue)))
    }
}
