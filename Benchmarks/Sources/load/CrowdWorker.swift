// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import FedTransport
import FedWire
import Foundation

/// A worker that trains nothing: it reads the model and sends the same update every time.
struct CrowdWorker: Sendable {
    private let worker: WorkerID
    private let client: TLSClient
    private let update: OutgoingPayload

    /// A worker with a key of its own, known to the coordinator on this machine that `authority` belongs to.
    init(_ worker: WorkerID, signedBy authority: CertificateAuthority, port: Int, update: OutgoingPayload) throws {
        let key = IdentityKey()
        let certificate = try authority.signWorker(worker, request: key.signingRequest(), now: Date())
        self.worker = worker
        self.update = update
        client = try TLSClient(
            .init(
                host: "127.0.0.1", port: port,
                identity: TLSIdentity(
                    certificateChain: [Array(certificate.pem.utf8)], privateKey: Array(key.pem.utf8)),
                trust: .authority(Array(authority.certificate.pem.utf8)), connectTimeout: .seconds(60)))
    }

    /// Connects and answers assignments until the run has ended.
    func work(for crowd: Crowd) async throws {
        try await client.withConnection { connection in
            try await connection.send(.hello(Hello(agent: "load", datasets: ["digits"])))
            try await withThrowingDiscardingTaskGroup { group in
                for try await inbound in connection.messages {
                    switch inbound.message {
                    case .welcome(let welcome): connection.setHeartbeatInterval(.seconds(welcome.heartbeatSeconds))
                    case .run: await crowd.noteWelcome()
                    case .assignment(let message):
                        guard let transfer = inbound.transfer else { continue }
                        await crowd.note(message.assignment.round)
                        group.addTask { try await answer(message.assignment, transfer, over: connection) }
                    case .runEnded:
                        group.cancelAll()
                        return
                    default: continue
                    }
                }
            }
        }
    }

    private func answer(
        _ assignment: WorkerAssignment, _ model: IncomingTransfer, over connection: any Connection
    ) async throws {
        try await model.forEachChunk(limit: .max) { _ in }
        let header = connection.makeTransferHeader(for: update)
        try await connection.send(
            .updateOffer(
                UpdateOffer(
                    worker: worker, run: assignment.run, round: assignment.round, baseVersion: assignment.baseVersion,
                    scope: assignment.scope, codec: assignment.codec, exampleCount: 1,
                    metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0), payload: header)))
        try await connection.send(update, on: header)
    }
}
