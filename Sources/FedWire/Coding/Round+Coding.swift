// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

extension Fedcoord_V1_TransferHeader {
    init(_ header: TransferHeader) {
        self.init()
        stream = header.stream
        byteCount = UInt64(header.byteCount)
        sha256 = Data(header.sha256)
        offset = UInt64(header.offset)
    }

    func decoded() throws(WireError) -> TransferHeader {
        try TransferHeader(
            stream: stream, byteCount: try FieldRules.count(byteCount, "byte_count"), sha256: [UInt8](sha256),
            offset: try FieldRules.count(offset, "offset"))
    }
}

extension Fedcoord_V1_Assignment {
    init(_ message: Assignment) throws(WireError) {
        self.init()
        let assignment = message.assignment
        worker = assignment.worker.rawValue
        run = assignment.run.rawValue
        round = Int64(assignment.round.rawValue)
        baseVersion = Int64(assignment.baseVersion.rawValue)
        training = try .init(assignment.training)
        scope = .init(assignment.scope)
        bases = (assignment.scope.bases ?? []).map(UInt32.init)
        if let width = assignment.scope.width { level = .init(width) }
        codec = assignment.codec.rawValue
        seed = assignment.seed
        deadlineSeconds = assignment.deadlineSeconds
        model = .init(message.model)
        modelCodec = message.modelCodec.rawValue
        modelState = message.modelState
        if let steps = message.steps {
            stepsFrom = Int64(steps.from.rawValue)
            stepBytes = try steps.byteCounts.map { count throws(WireError) in
                try FieldRules.count(count, "step_bytes")
            }
        }
        if let digest = message.modelSHA256 { modelSha256 = Data(digest) }
        if let values = message.adversarialStatistics { adversarialStatistics = FieldRules.bytes(of: values) }
        _ = try decoded()
    }

    func decoded() throws(WireError) -> Assignment {
        try FieldRules.require(round >= 1, "rounds are counted from 1")
        try FieldRules.require(baseVersion >= 0, "model versions are counted from 0")
        try FieldRules.require(deadlineSeconds.isFinite && deadlineSeconds > 0, "deadline_seconds is above 0")
        let assignment = WorkerAssignment(
            worker: try FieldRules.checked("worker") { () throws(CoreError) in try WorkerID(worker) },
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) },
            round: RoundID(Int(round)), baseVersion: ModelVersion(Int(baseVersion)),
            training: try training.decoded(),
            scope: try scope.decoded(bases: bases, level: hasLevel ? level.decoded(as: "level") : nil),
            codec: CodecID(try FieldRules.name(codec, "codec")), seed: seed, deadlineSeconds: deadlineSeconds)
        let model = try model.decoded()
        try FieldRules.require(
            modelState.count <= Assignment.maximumStateVectors
                && zip(modelState, modelState.dropFirst()).allSatisfy { $0 < $1 },
            "model_state lists at most \(Assignment.maximumStateVectors) names, ascending")
        for name in modelState { _ = try FieldRules.name(name, "model_state") }
        return Assignment(
            assignment: assignment, model: model, modelCodec: CodecID(try FieldRules.name(modelCodec, "model_codec")),
            modelState: modelState, steps: try decodedSteps(of: model),
            modelSHA256: hasModelSha256 ? try FieldRules.bytes(modelSha256, 32...32, "model_sha256") : nil,
            adversarialStatistics: hasAdversarialStatistics
                ? try FieldRules.statistics(adversarialStatistics, "adversarial_statistics") : nil)
    }

    private func decodedSteps(of model: TransferHeader) throws(WireError) -> Assignment.Steps? {
        guard hasStepsFrom else {
            try FieldRules.require(stepBytes.isEmpty, "step_bytes without steps_from")
            return nil
        }
        try FieldRules.require(
            stepBytes.count <= Assignment.Steps.maximumCount && stepsFrom >= 0
                && stepsFrom == baseVersion - Int64(stepBytes.count),
            "as many steps lead from steps_from to base_version, at most \(Assignment.Steps.maximumCount)")
        try FieldRules.require(modelState.isEmpty, "steps bring no model_state along")
        var counts: [Int] = []
        var rest = model.byteCount
        for bytes in stepBytes {
            let count = try FieldRules.count(bytes, "step_bytes")
            try FieldRules.require(count <= rest, "step_bytes add up to the transfer's byte_count")
            rest -= count
            counts.append(count)
        }
        try FieldRules.require(rest == 0, "step_bytes add up to the transfer's byte_count")
        return Assignment.Steps(from: ModelVersion(Int(stepsFrom)), byteCounts: counts)
    }
}

extension Fedcoord_V1_UpdateOffer {
    init(_ message: UpdateOffer) throws(WireError) {
        self.init()
        worker = message.worker.rawValue
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        baseVersion = Int64(message.baseVersion.rawValue)
        scope = .init(message.scope)
        bases = (message.scope.bases ?? []).map(UInt32.init)
        if let width = message.scope.width { level = .init(width) }
        codec = message.codec.rawValue
        exampleCount = Int64(message.exampleCount)
        metrics.loss = message.metrics.loss
        metrics.accuracy = message.metrics.accuracy
        metrics.seconds = message.metrics.seconds
        payload = .init(message.payload)
        if let held = message.heldVersion { heldVersion = Int64(held.rawValue) }
        if let budget = message.budget { self.budget = .init(budget) }
        if let statistics = message.statistics { self.statistics = .init(statistics) }
        if let isAdversarial = message.trainsAdversarially { trainsAdversarially = isAdversarial }
        _ = try decoded()
    }

    /// Strict about names and the transfer, lenient about numbers, which the coordinator judges.
    func decoded() throws(WireError) -> UpdateOffer {
        UpdateOffer(
            worker: try FieldRules.checked("worker") { () throws(CoreError) in try WorkerID(worker) },
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) },
            round: RoundID(Int(round)), baseVersion: ModelVersion(Int(baseVersion)),
            scope: try scope.decoded(bases: bases, level: hasLevel ? level.decoded(as: "level") : nil),
            codec: CodecID(try FieldRules.name(codec, "codec")), exampleCount: Int(exampleCount),
            metrics: TrainingMetrics(loss: metrics.loss, accuracy: metrics.accuracy, seconds: metrics.seconds),
            payload: try payload.decoded(), heldVersion: hasHeldVersion ? ModelVersion(Int(heldVersion)) : nil,
            budget: hasBudget ? try budget.decoded(as: "budget") : nil,
            statistics: hasStatistics ? try statistics.decoded() : nil,
            trainsAdversarially: hasTrainsAdversarially ? trainsAdversarially : nil)
    }
}

extension Fedcoord_V1_WorkerStatistics {
    init(_ statistics: WorkerStatistics) {
        self.init()
        clean = FieldRules.bytes(of: statistics.clean)
        if let values = statistics.adversarial { adversarial = FieldRules.bytes(of: values) }
    }

    func decoded() throws(WireError) -> WorkerStatistics {
        WorkerStatistics(
            clean: try FieldRules.statistics(clean, "statistics.clean"),
            adversarial: hasAdversarial ? try FieldRules.statistics(adversarial, "statistics.adversarial") : nil)
    }
}

extension Fedcoord_V1_Receipt {
    init(_ message: Receipt) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        switch message.verdict {
        case .accepted: verdict = .accepted
        case .alreadyAccepted: verdict = .alreadyAccepted
        case .refused(let code, let sentence):
            verdict = .refused
            refusalCode = code.rawValue
            refusalMessage = FieldRules.sentence(sentence)
        }
    }

    func decoded() throws(WireError) -> Receipt {
        let verdict: Receipt.Verdict
        switch self.verdict {
        case .accepted: verdict = .accepted
        case .alreadyAccepted: verdict = .alreadyAccepted
        case .refused:
            verdict = .refused(RefusalCode(rawValue: refusalCode), FieldRules.sentence(refusalMessage))
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the verdict is one that this version does not know")
        }
        return Receipt(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            verdict: verdict)
    }
}

extension Fedcoord_V1_Decline {
    init(_ message: Decline) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        reason = FieldRules.sentence(message.reason)
        if let held = message.heldVersion { heldVersion = Int64(held.rawValue) }
    }

    func decoded() throws(WireError) -> Decline {
        Decline(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            reason: FieldRules.sentence(reason), heldVersion: hasHeldVersion ? ModelVersion(Int(heldVersion)) : nil)
    }
}

extension Fedcoord_V1_Cancel {
    init(_ message: Cancel) {
        self.init()
        run = message.run.rawValue
        round = Int64(message.round.rawValue)
        reason = FieldRules.sentence(message.reason)
    }

    func decoded() throws(WireError) -> Cancel {
        Cancel(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, round: RoundID(Int(round)),
            reason: FieldRules.sentence(reason))
    }
}

extension Fedcoord_V1_RunEnded {
    init(_ message: RunEnded) {
        self.init()
        run = message.run.rawValue
        outcome =
            switch message.outcome {
            case .finished: .finished
            case .failed: .failed
            case .stopped: .stopped
            }
        self.message = FieldRules.sentence(message.message)
    }

    func decoded() throws(WireError) -> RunEnded {
        let outcome: RunEnded.Outcome
        switch self.outcome {
        case .finished: outcome = .finished
        case .failed: outcome = .failed
        case .stopped: outcome = .stopped
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "the run ended in a way that this version does not know")
        }
        return RunEnded(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) }, outcome: outcome,
            message: FieldRules.sentence(message))
    }
}
