// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCodecs
package import FedCore
internal import FedStore
package import FedStrategies
internal import FedTransport
internal import FedWire

/// What the workers of one round download: the whole model, or the steps that they missed. Each is encoded and hashed once, when
/// the first worker needs it.
package final class RoundDownloads {
    private var base: ServerModel?
    private let version: ModelVersion
    private let digest: [UInt8]
    private let codec: any GradientCodec
    private let stepCodec: CodecID
    private let steps: StepCache
    private let takesSteps: Bool
    /// The vectors that a worker needs to take further steps.
    private let modelState: [String]
    private let wholeBytes: Int

    private var wholes: [[String]: OutgoingPayload] = [:]
    /// Each base network by itself, where there are several.
    private var basePayloads: [[UInt8]] = []
    /// Those of the bases together that workers need, whose bytes are those of `basePayloads`; those of all levels.
    private var parts: [UpdateScope: OutgoingPayload] = [:]
    /// Steps from each version that a worker claims to hold: their bytes are those of `steps`.
    private var chains: [ModelVersion: OutgoingPayload] = [:]

    /// The downloads of a round that starts from `base`, whose `ModelDigest` is `digest`.
    ///
    /// `codec` encodes whole models, `stepCodec` encoded the steps that are in `steps`. Throws `CodecError` for a model
    /// that `codec` cannot encode.
    package init(
        base: ServerModel, digest: [UInt8], version: ModelVersion, rule: StepRule, codec: any GradientCodec,
        stepCodec: CodecID,
        parts: TrainedParts = .bases(1), steps: StepCache, generator: SeededGenerator
    ) throws {
        self.base = base
        self.digest = digest
        self.version = version
        self.codec = codec
        self.stepCodec = stepCodec
        self.steps = steps
        takesSteps = rule.kind != .models
        modelState = base.state.keys.filter(rule.travels).sorted()
        wholeBytes = codec.maximumEncodedCount(
            layout: try ServerModel.layout(of: base.parameters.layout, with: modelState))
        switch parts {
        case .bases(let bases) where bases > 1:
            basePayloads = try (0..<bases).map {
                try BasesCodec(codec, chosen: [$0], of: bases).encode(base.parameters, generator: generator)
            }
        case .bases:
            if rule.kind == .models { wholes[[]] = try Self.payload(of: base.parameters, codec, generator) }
        case .levels(let levels):
            for level in levels {
                self.parts[.nested(level.width)] = try Self.payload(
                    of: base.parameters, NestedCodec(codec, slice: level.slice), generator)
            }
        }
    }

    /// What a worker that trains `scope` downloads, and that holds version `held`, or none; where `isVerified`, steps
    /// say what they should lead to.
    package func download(of scope: UpdateScope, held: ModelVersion?, takesSteps: Bool, isVerified: Bool)
        -> ModelDownload
    {
        guard scope == .wholeModel else { return ModelDownload(payload: part(scope), codec: codec.id) }
        let takesSteps = takesSteps && self.takesSteps
        if takesSteps, let held, let chain = chain(from: held, isVerified: isVerified) { return chain }
        let names = takesSteps ? modelState : []
        return ModelDownload(payload: whole(with: names), codec: codec.id, modelState: names)
    }

    private func chain(from held: ModelVersion, isVerified: Bool) -> ModelDownload? {
        guard let chain = steps.chain(from: held, to: version, wholeBytes: wholeBytes) else { return nil }
        let payload = chains[held] ?? OutgoingPayload(segments: chain)
        chains[held] = payload
        return ModelDownload(
            payload: payload, codec: stepCodec,
            steps: Assignment.Steps(from: held, byteCounts: chain.map(\.count)), modelSHA256: isVerified ? digest : nil)
    }

    private func part(_ scope: UpdateScope) -> OutgoingPayload {
        if let known = parts[scope] { return known }
        let payload = OutgoingPayload(segments: (scope.bases ?? []).map { basePayloads[$0] })
        parts[scope] = payload
        return payload
    }

    /// Gives up the model, so that whoever else has it can change it without a copy: nobody downloads any more.
    package func end() {
        base = nil
        wholes = [:]
    }

    private func whole(with names: [String]) -> OutgoingPayload {
        if let known = wholes[names] { return known }
        guard let base else { preconditionFailure("the downloads have ended") }
        do {
            // Dense float32, which draws nothing at random.
            let payload = try Self.payload(of: base.joined(with: names), codec, SeededGenerator(key: 0))
            wholes[names] = payload
            return payload
        } catch {
            preconditionFailure("a model that was committed is finite and can be encoded: \(error)")
        }
    }

    /// A model's payload, without a copy of the model where its values travel as they are.
    private static func payload(
        of model: ParameterVector, _ codec: any GradientCodec, _ generator: SeededGenerator
    ) throws(CodecError) -> OutgoingPayload {
        if let head = try codec.headOfPlainValues(model) { return OutgoingPayload(head, values: model.values) }
        return OutgoingPayload(try codec.encode(model, generator: generator))
    }
}
