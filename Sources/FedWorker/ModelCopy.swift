// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import FedCodecs
package import FedCore
package import FedStrategies
package import FedWire

/// The model that a worker holds in memory, and how it follows the coordinator's, step by step.
///
/// A value: what fails leaves the copy that it was tried on behind.
package struct ModelCopy: Sendable {
    /// Why a download led to no model.
    package enum Failure: Error, Equatable {
        /// Steps are of no use; the whole model is wanted.
        case useless(ModelRequest.Reason)
        /// The whole model cannot be had, for the given reason.
        case undecodable(String)
    }

    /// Which model is held; nil for none.
    package private(set) var held: HeldVersion?
    /// The model that is held, with what further steps take besides; nil for none.
    package var model: ServerModel?

    /// Holds nothing.
    package init() {}

    /// The version of `run` that is held.
    package func version(in run: RunID) -> ModelVersion? { held?.run == run ? held?.version : nil }

    /// No download for `message` has more bytes.
    ///
    /// Steps are together smaller than a whole model with what travels beside it.
    package static func maximumBytes(of message: Assignment, in run: RunDescription) -> Int {
        let vectors = message.steps == nil ? message.modelState.count : Assignment.maximumStateVectors
        let scope = message.assignment.scope
        let parts = run.parts
        guard parts.has(scope) else { return 0 }
        let dense = scope.codec(DenseFloat32Codec(), parts: parts).maximumEncodedCount(layout: run.layout)
        let own =
            (try? CodecRegistry.codec(run.downlink)).map {
                scope.codec($0, parts: parts).maximumEncodedCount(layout: run.layout)
            } ?? 0
        return max(dense * (1 + vectors), own)
    }

    /// Makes the model that an assignment starts from out of its download, and holds it if steps from it may follow.
    ///
    /// After a failure the copy is not to be used any more.
    package mutating func follow(
        _ message: Assignment, _ payload: [UInt8], in run: RunDescription
    ) throws(Failure) -> ParameterVector {
        let rule = StepRule(run)
        let version = HeldVersion(run: run.run, version: message.assignment.baseVersion)
        let next: ServerModel
        if let steps = message.steps {
            next = try stepped(steps, payload, by: rule, in: run)
            if let expected = message.modelSHA256, expected != Self.digest(of: next.parameters) {
                throw .useless(.mismatch)
            }
        } else {
            do {
                next = try Self.whole(message, payload, rule, in: run)
            } catch {
                throw .undecodable("the model cannot be decoded: \(error)")
            }
        }
        if rule.kind != .models {
            held = version
            model = next
        }
        return next.parameters
    }

    private func stepped(
        _ steps: Assignment.Steps, _ payload: [UInt8], by rule: StepRule, in run: RunDescription
    ) throws(Failure) -> ServerModel {
        guard rule.kind != .models, held == HeldVersion(run: run.run, version: steps.from), var model,
            model.parameters.layout == run.layout
        else {
            throw .useless(.notHeld)
        }
        do {
            let codec = try CodecRegistry.codec(run.downlink)
            var version = steps.from
            var start = 0
            for count in steps.byteCounts {
                version = version.next
                let step = try codec.decode(Array(payload[start..<start + count]), layout: run.layout)
                try rule.take(step.values, to: version, from: &model)
                start += count
            }
        } catch {
            throw .useless(.unusable)
        }
        return model
    }

    private static func whole(
        _ message: Assignment, _ payload: [UInt8], _ rule: StepRule, in run: RunDescription
    ) throws -> ServerModel {
        guard message.modelState.allSatisfy(rule.travels) else {
            throw CoreError(.invalidLayout, "the model came with vectors that this version does not know")
        }
        let scope = message.assignment.scope
        let parts = run.parts
        guard parts.has(scope), scope == .wholeModel || message.modelState.isEmpty else {
            throw CoreError(.invalidLayout, "the assignment is about \(scope), which the run's model has not")
        }
        let layout = try ServerModel.layout(of: run.layout, with: message.modelState)
        let codec =
            message.modelCodec == run.downlink.codec
            ? try CodecRegistry.codec(run.downlink) : try CodecRegistry.codec(message.modelCodec)
        return try ServerModel(
            scope.codec(codec, parts: parts).decode(payload, layout: layout), layout: run.layout,
            names: message.modelState)
    }

    /// SHA-256 of the values as little-endian float32, in layout order.
    private static func digest(of parameters: ParameterVector) -> [UInt8] {
        var hash = SHA256()
        parameters.values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return [UInt8](hash.finalize())
    }
}

extension StepRule {
    /// The rule of a run.
    package init(_ run: RunDescription) {
        self.init(
            DownlinkKind(run.downlink.codec),
            rule: ServerRule(
                optimizer: run.serverOptimizer.optimizer, schedule: run.serverSchedule, rounds: run.rounds))
    }
}
