// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCoordinator
internal import FedCore
internal import FedStrategies

/// How models reach the workers of a simulation in one process: made by the coordinator's own functions, and counted as it
/// would send them, but not sent.
///
/// All workers stay connected and hold the model of the last round that they took part in.
struct SimulatedDownlink {
    private let maker: ModelMaker
    /// How whole models travel.
    private let codec: any GradientCodec
    private let seed: UInt64
    /// What of the model workers train by itself.
    private let parts: TrainedParts
    private var steps: StepCache
    private var held: [WorkerID: ModelVersion] = [:]
    /// The model of the round as its bytes give it back, where that is not the model itself.
    private var rounded: ParameterVector?

    /// The downlink of a run; throws `CodecError` for a codec that `validated` would have refused.
    init(_ config: RunConfig, strategy: Strategy, layout: ModelLayout, parts: TrainedParts) throws(CodecError) {
        maker = try ModelMaker(config, strategy: strategy)
        codec = maker.modelCodec
        seed = config.seed
        self.parts = parts
        steps = StepCache(byteLimit: codec.maximumEncodedCount(layout: layout))
    }

    /// The bytes that all workers of `plan` download together; from then on they hold the model.
    mutating func bytes(of plan: RoundPlan, from model: ServerModel) throws -> Int {
        let layout = model.parameters.layout
        guard maker.steps.kind != .models else {
            let bytes = try wholeBytes(of: model.parameters, in: plan.round)
            return plan.assignments.reduce(0) { sum, assignment in
                switch assignment.scope {
                case .wholeModel: sum + bytes.values.reduce(0, +)
                case .bases(let chosen): sum + chosen.reduce(0) { $0 + (bytes[.bases([$1])] ?? 0) }
                case .nested: sum + (bytes[assignment.scope] ?? 0)
                }
            }
        }
        let names = model.state.keys.filter(maker.steps.travels)
        let wholeBytes = codec.maximumEncodedCount(layout: try ServerModel.layout(of: layout, with: names))
        return plan.assignments.reduce(0) { sum, assignment in
            let chain = held[assignment.worker].flatMap {
                steps.chain(from: $0, to: plan.baseVersion, wholeBytes: wholeBytes)
            }
            held[assignment.worker] = plan.baseVersion
            return sum + (chain?.reduce(0) { $0 + $1.count } ?? wholeBytes)
        }
    }

    /// The bytes of a whole model, those of each part by itself.
    private mutating func wholeBytes(of model: ParameterVector, in round: RoundID) throws -> [UpdateScope: Int] {
        let layout = model.layout
        let scopes: [UpdateScope] =
            switch parts {
            case .bases(let count): count == 1 ? [.wholeModel] : (0..<count).map { .bases([$0]) }
            case .levels(let levels): levels.map { .nested($0.width) }
            }
        var bytes: [UpdateScope: Int] = [:]
        for scope in scopes { bytes[scope] = scope.codec(codec, parts: parts).maximumEncodedCount(layout: layout) }
        // Dense float32 gives back the bits that it was given; uncompressed, its bytes are known before.
        if codec is DenseFloat32Codec,
            codec.minimumEncodedCount(layout: layout) == codec.maximumEncodedCount(layout: layout)
        {
            return bytes
        }
        let generator = SeededGenerator(key: seed).stream("downlink", UInt64(round.rawValue))
        var payload: [UInt8] = []
        for scope in scopes {
            let part = try scope.codec(codec, parts: parts).encode(model, generator: generator)
            bytes[scope] = part.count
            // The payloads of bases one after the other are that of all of them; the last level is all of the network.
            if scope.bases == nil { payload = part } else { payload += part }
        }
        let whole: UpdateScope =
            if case .bases(let count) = parts, count > 1 { .bases(Array(0..<count)) } else { scopes[scopes.count - 1] }
        rounded = try whole.codec(codec, parts: parts).decode(payload, layout: layout)
        return bytes
    }

    /// The model as it arrives at the workers of `plan`, whose bytes have been counted.
    func arrived(_ model: ServerModel) -> ParameterVector { rounded ?? model.parameters }

    /// Makes the model of the round of `plan`.
    mutating func advance(
        _ model: inout ServerModel, by changes: inout any Aggregation, scales: [Float]?, _ plan: RoundPlan
    ) throws {
        let step = try maker.advance(&model, by: &changes, scales: scales, round: plan.round)
        if let step { steps.append(step, to: plan.baseVersion.next) }
    }

    /// The same for a change that is at hand.
    mutating func advance(_ model: inout ServerModel, by change: [Float], _ plan: RoundPlan) throws {
        let step = try maker.advance(&model, by: change, round: plan.round)
        if let step { steps.append(step, to: plan.baseVersion.next) }
    }
}
