// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedTransport
import FedWire

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
    var datasets = ["digits"]
    /// What to answer; nil leaves the connection.
    let answer: @Sendable (WorkerAssignment, [Float]) async -> Answer?

    /// Works until the run has ended; returns the verdicts it got.
    @discardableResult
    func work(over connection: any Connection) async throws -> [Receipt.Verdict] {
        var verdicts: [Receipt.Verdict] = []
        var layout: ModelLayout?
        try await connection.send(.hello(Hello(agent: "fake", datasets: datasets)))
        for try await inbound in connection.messages {
            switch inbound.message {
            case .run(let run): layout = run.layout
            case .assignment(let message):
                guard let layout, let transfer = inbound.transfer else { continue }
                let bytes = try await transfer.collect(limit: 1 << 20)
                let model = try CodecRegistry.codec(message.modelCodec).decode(bytes, layout: layout)
                guard let answer = await answer(message.assignment, model.values) else { return verdicts }
                try await send(answer, to: message.assignment, layout: layout, over: connection)
            case .receipt(let receipt): verdicts.append(receipt.verdict)
            case .peerError(let error): throw error
            case .runEnded: return verdicts
            default: continue
            }
        }
        return verdicts
    }

    private func send(
        _ answer: Answer, to assignment: WorkerAssignment, layout: ModelLayout, over connection: any Connection
    ) async throws {
        let update = try ParameterVector(layout: layout, values: answer.change)
        var bytes = try CodecRegistry.codec(assignment.codec).encode(
            update, generator: SeededGenerator(key: assignment.seed))
        answer.garble(&bytes)
        let payload = OutgoingPayload(bytes)
        var offer = UpdateOffer(
            worker: name, run: assignment.run, round: assignment.round, baseVersion: assignment.baseVersion,
            scope: assignment.scope, codec: assignment.codec, exampleCount: answer.exampleCount,
            metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0),
            payload: connection.makeTransferHeader(for: payload))
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
