// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedTransport
import FedWire
import FedWorker

/// A worker without an engine: it answers each assignment with the change that a closure makes up.
struct FakeWorker: Sendable {
    /// What it sends for an assignment.
    struct Answer: Sendable {
        var change: [Float]
        var exampleCount = 10
        /// What it waits for between the offer and its bytes.
        var beforeBytes: @Sendable () async -> Void = {}
        /// Alters the offer before it is sent.
        var tamper: @Sendable (inout UpdateOffer) -> Void = { _ in }
        /// Alters the payload before it is sent.
        var garble: @Sendable (inout [UInt8]) -> Void = { _ in }
    }

    /// What it does about scales that workers share.
    enum Scales: Equatable, Sendable {
        /// Does not know of them.
        case unknown
        /// Reports them, and quantises with those of the round.
        case shared
        /// Reports them, and quantises with twice its own.
        case own
        /// Reports scales of no use.
        case invalid
        /// Never reports.
        case none
        /// Answers so many assignments with an update of its own scales before any stand; then it does as the others.
        case early(Int)
    }

    let name: WorkerID
    var scales = Scales.unknown
    /// What it can afford.
    var budget: WidthRatio?
    /// Whether it trains adversarially, and agrees to share statistics.
    var isAdversarial = false
    var sharesStatistics = false
    /// Told of the adversarial statistics that come with an assignment.
    var takeStatistics: @Sendable (RoundID, [Float]?) -> Void = { _, _ in }
    /// Whether it takes steps.
    var takesSteps = false
    /// Alters the model that it holds when an assignment comes.
    var meddle: @Sendable (inout ModelCopy, RoundID) -> Void = { _, _ in }
    var datasets = ["digits"]
    /// It leaves when it has got so many verdicts.
    var verdictLimit = Int.max
    /// What to answer; nil leaves the connection.
    let answer: @Sendable (WorkerAssignment, [Float]) async -> Answer?

    /// Works until the run has ended; returns the verdicts it got.
    @discardableResult
    func work(over connection: any Connection) async throws -> [Receipt.Verdict] {
        var verdicts: [Receipt.Verdict] = []
        var run: RunDescription?
        var copy = ModelCopy()
        var early = 0
        var waiting: (Answer, WorkerAssignment, ModelVersion?)?
        try await connection.send(
            .hello(
                Hello(
                    agent: "fake", datasets: datasets, takesSteps: takesSteps, sharesScales: scales != .unknown,
                    budget: budget, trainsAdversarially: isAdversarial, sharesStatistics: sharesStatistics)))
        for try await inbound in connection.messages {
            switch inbound.message {
            case .run(let description): run = description
            case .assignment(let message):
                guard let run, let transfer = inbound.transfer else { continue }
                let bytes = try await transfer.collect(limit: 1 << 20)
                let assignment = message.assignment
                takeStatistics(assignment.round, message.adversarialStatistics)
                meddle(&copy, assignment.round)
                var reason = ModelRequest.Reason.unusable
                guard let model = try Self.follow(message, bytes, in: run, &copy, &reason) else {
                    try await connection.send(
                        .modelRequest(ModelRequest(run: run.run, round: assignment.round, reason: reason)))
                    continue
                }
                guard let answer = await answer(assignment, model.values) else { return verdicts }
                let held = takesSteps ? copy.version(in: run.run) : nil
                guard scales != .unknown else {
                    try await send(answer, to: assignment, in: run, held: held, over: connection)
                    continue
                }
                let change = try ParameterVector(layout: run.layout, values: answer.change)
                let own = try TernaryCodec(run.uplink).scales(of: change)
                if case .early(let count) = scales, early < count {
                    early += 1
                    try await send(
                        answer, to: assignment, in: run, held: held,
                        with: SharedTernaryCodec(try TernaryCodec(run.uplink), scales: own), over: connection)
                    continue
                }
                waiting = (answer, assignment, held)
                switch scales {
                case .none, .unknown: break
                case .shared, .own, .early: try await report(own, assignment, over: connection)
                case .invalid: try await report(own.map { -$0 }, assignment, over: connection)
                }
            case .sharedScales(let shared):
                guard let run, let (answer, assignment, held) = waiting else { continue }
                let scales = scales == .own ? shared.scales.map { $0 * 2 } : shared.scales
                waiting = nil
                try await send(
                    answer, to: assignment, in: run, held: held,
                    with: SharedTernaryCodec(try TernaryCodec(run.uplink), scales: scales), over: connection)
            case .receipt(let receipt):
                verdicts.append(receipt.verdict)
                if verdicts.count == verdictLimit { return verdicts }
            case .peerError(let error): throw error
            case .runEnded: return verdicts
            default: continue
            }
        }
        return verdicts
    }

    /// The model of an assignment, or nil with the reason why steps are of no use.
    private static func follow(
        _ message: Assignment, _ bytes: [UInt8], in run: RunDescription, _ copy: inout ModelCopy,
        _ reason: inout ModelRequest.Reason
    ) throws -> ParameterVector? {
        do throws(ModelCopy.Failure) {
            return try copy.follow(message, bytes, in: run)
        } catch {
            guard case .useless(let why) = error else { throw error }
            copy = ModelCopy()
            reason = why
            return nil
        }
    }

    private func report(
        _ scales: [Float], _ assignment: WorkerAssignment, over connection: any Connection
    ) async throws {
        try await connection.send(
            .scaleReport(ScaleReport(run: assignment.run, round: assignment.round, scales: scales)))
    }

    private func send(
        _ answer: Answer, to assignment: WorkerAssignment, in run: RunDescription, held: ModelVersion?,
        with codec: (any GradientCodec)? = nil, over connection: any Connection
    ) async throws {
        let update = try ParameterVector(layout: run.layout, values: answer.change)
        let own = assignment.scope.codec(try codec ?? CodecRegistry.codec(run.uplink), parts: run.parts)
        var bytes = try own.encode(
            update, generator: SeededGenerator(key: assignment.seed))
        answer.garble(&bytes)
        let payload = OutgoingPayload(bytes)
        var offer = UpdateOffer(
            worker: name, run: assignment.run, round: assignment.round, baseVersion: assignment.baseVersion,
            scope: assignment.scope, codec: assignment.codec, exampleCount: answer.exampleCount,
            metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0),
            payload: connection.makeTransferHeader(for: payload), heldVersion: held)
        answer.tamper(&offer)
        try await connection.send(.updateOffer(offer))
        await answer.beforeBytes()
        do {
            try await connection.send(payload, on: offer.payload)
        } catch {
            guard error == TransportError(.transferReset, "") else { throw error }
        }
    }
}
