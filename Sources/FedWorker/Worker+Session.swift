// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
package import FedTransport
package import FedWire

extension Worker {
    /// Talks with the coordinator until the run has ended; throws when the connection ends before that.
    package nonisolated func converse(
        over connection: any Connection
    ) async throws -> RunEnded {
        try await connection.send(.hello(await hello))
        guard case .welcome(let welcome) = try await next(on: connection),
            case .run(let run) = try await next(on: connection)
        else {
            throw WorkerError(.protocolViolation, "the coordinator did not begin with welcome and run")
        }
        connection.setHeartbeatInterval(.seconds(welcome.heartbeatSeconds))
        observe(.connected(welcome.worker, run.run))
        if run.sharesStatistics { observe(.statistics(isShared: configuration.sharing != nil)) }
        do {
            try await prepare(for: run)
        } catch {
            await connection.close(PeerError(code: .notAdmitted, message: Self.publicReason(error)))
            throw error
        }
        let (outgoing, outbox) = AsyncStream.makeStream(of: Outgoing.self)
        defer { outbox.finish() }
        try await begin(run, welcome, outbox)
        return try await withThrowingTaskGroup(of: RunEnded?.self) { group in
            group.addTask {
                try await self.sendAll(outgoing, over: connection)
                return nil
            }
            group.addTask { try await self.handleAll(of: run, over: connection) }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw TransportError(.connectionLost, "the connection ended")
        }
    }

    /// Makes the trainer ready for a run that is new to it.
    private func prepare(for run: RunDescription) async throws {
        guard prepared != run else { return }
        leaveRunBefore(for: run)
        let trainer = trainer
        try await OwnThread.run(named: "data") { try trainer.prepare(for: run) }
        prepared = run
    }

    /// Lets go of what belongs to another run than `run`, which may have the same name: its model, its training, which
    /// holds the trainer and for which nobody waits, and an update that would be counted as one of `run`.
    private func leaveRunBefore(for run: RunDescription) {
        newest = nil
        download = nil
        copy = ModelCopy()
        if let folder, folder.identity != RunIdentity(of: run) { pending = nil }
        stopTraining()
    }

    /// Why this worker leaves a run, as the coordinator may know it: a reader's sentence may quote the data.
    private static func publicReason(_ error: any Error) -> String {
        if let error = error as? WorkerError, error == WorkerError(.unfitData, "") { return error.message }
        return "its data cannot be used for this run; its own output says why"
    }

    /// The coordinator's next message that is not a heartbeat.
    private nonisolated func next(on connection: any Connection) async throws -> ControlMessage {
        for try await inbound in connection.messages {
            switch inbound.message {
            case .heartbeat: continue
            case .peerError(let error): throw closed(by: error)
            default: return inbound.message
            }
        }
        throw TransportError(.connectionLost, "the coordinator closed the connection")
    }

    private nonisolated func closed(by error: PeerError) -> TransportError {
        TransportError(.closedByPeer, error.message, peerError: error)
    }

    /// Registers the session's outbox and limit, and offers what waited for it.
    private func begin(
        _ run: RunDescription, _ welcome: Welcome, _ outbox: AsyncStream<Outgoing>.Continuation
    ) async throws {
        self.outbox = outbox
        lastContact = .now
        maximumTransferBytes = welcome.maximumTransferBytes
        uploaded = welcome.upload
        try await open(run)
        if let update = pending?.update, !isSettling { submit(update) }
    }

    private nonisolated func sendAll(
        _ outgoing: AsyncStream<Outgoing>, over connection: any Connection
    ) async throws {
        for await item in outgoing {
            switch item {
            case .message(let message): try await connection.send(message)
            case .update(let update): try await offer(update, over: connection)
            }
        }
    }

    /// Offers an update and sends its bytes, unless the coordinator does not want them: its receipt then says why.
    private nonisolated func offer(_ update: ClientUpdate, over connection: any Connection) async throws {
        let payload = OutgoingPayload(update.payload)
        let header = connection.makeTransferHeader(for: payload, from: await takeOffset(in: payload))
        let held = await copy.version(in: update.run)
        try await connection.send(
            .updateOffer(
                UpdateOffer(
                    worker: update.worker, run: update.run, round: update.round, baseVersion: update.baseVersion,
                    scope: update.scope, codec: update.codec, exampleCount: update.exampleCount,
                    metrics: update.metrics, payload: header, heldVersion: held, budget: await measuredBudget,
                    statistics: configuration.sharing == nil ? nil : update.statistics,
                    trainsAdversarially: await trainsAdversarially)))
        do {
            try await connection.send(payload, on: header)
        } catch {
            guard error == TransportError(.transferReset, "") else { throw error }
        }
    }

    private nonisolated func handleAll(of run: RunDescription, over connection: any Connection) async throws -> RunEnded
    {
        try await withThrowingDiscardingTaskGroup { group in
            defer { group.cancelAll() }
            for try await inbound in connection.messages {
                switch inbound.message {
                case .assignment(let assignment):
                    guard let transfer = inbound.transfer, await self.wants(assignment.assignment) else { continue }
                    group.addTask { await self.receive(assignment, transfer, in: run) }
                case .receipt(let receipt): await self.handle(receipt)
                case .cancel(let cancel): await self.handle(cancel)
                case .runEnded(let ended):
                    await self.end(ended)
                    return ended
                case .peerError(let error): throw self.closed(by: error)
                case .heartbeat, .run, .welcome: continue
                case .sharedScales(let scales): await self.handle(scales)
                case .hello, .updateOffer, .decline, .modelRequest, .scaleReport, .enrolRequest, .enrolResponse:
                    await connection.close(
                        PeerError(code: .protocolViolation, message: "a coordinator does not send this message"))
                    throw WorkerError(.protocolViolation, "the coordinator sent a message of a worker")
                }
            }
            throw TransportError(.connectionLost, "the coordinator closed the connection")
        }
    }
}
