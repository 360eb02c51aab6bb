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
        /// Seconds between the offer and its bytes.
        var pauseBeforeBytes = 0.0
        /// Alters the offer before it is sent.
        var tamper: @Sendable (inout UpdateOffer) -> Void = { _ in }
        /// Alters the payload before it is sent.
        var garble: @Sendable (inout [UInt8]) -> Void = { _ in }
    }

    let name: WorkerID
    /// Whether it takes steps.
    var takesSteps = false
    /// Alters the model that it holds when an assignment comes.
    var meddle: @Sendable (inout ModelCopy, RoundID) -> Void = { _, _ in }
    var datasets = ["digits"]
    /// What to answer; nil leaves the connection.
    let answer: @Sendable (WorkerAssignment, [Float]) async -> Answer?

    /// Works until the run has ended; returns the verdicts it got.
    @discardableResult
    func work(over connection: any Connection) async throws -> [Receipt.Verdict] {
        var verdicts: [Receipt.Verdict] = []
        var run: RunDescription?
        var copy = ModelCopy()
        try await connection.send(.hello(Hello(agent: "fake", datasets: datasets, takesSteps: takesSteps)))
        for try await inbound in connection.messages {
            switch inbound.message {
            case .run(let description): run = description
            case .assignment(let message):
                guard let run, let transfer = inbound.transfer else { continue }
                let bytes = try await transfer.collect(limit: 1 << 20)
                let assignment = message.assignment
                meddle(&copy, assignment.round)
                let model: ParameterVector
                do {
                    model = try copy.follow(message, bytes, in: run)
                } catch ModelCopy.Failure.useless(let reason) {
                    copy = ModelCopy()
                    try await connection.send(
                        .modelRequest(ModelRequest(run: run.run, round: assignment.round, reason: reason)))
                    continue
                }
                guard let answer = await answer(assignment, model.values) else { return verdicts }
                try await send(
                    answer, to: assignment, in: run, held: takesSteps ? copy.version(in: run.run) : nil,
                    over: connection)
            case .receipt(let receipt): verdicts.append(receipt.verdict)
            case .peerError(let error): throw error
            case .runEnded: return verdicts
            default: continue
            }
        }
        return verdicts
    }

    private func send(
        _ answer: Answer, to assignment: WorkerAssignment, in run: RunDescription, held: ModelVersion?,
        over connection: any Connection
    ) async throws {
        let update = try ParameterVector(layout: run.layout, values: answer.change)
        var bytes = try CodecRegistry.codec(run.uplink).encode(
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
        if answer.pauseBeforeBytes > 0 { try await Task.sleep(for: .seconds(answer.pauseBeforeBytes)) }
        do {
            try await connection.send(payload, on: offer.payload)
        } catch {
            guard error == TransportError(.transferReset, "") else { throw error }
        }
    }
}
