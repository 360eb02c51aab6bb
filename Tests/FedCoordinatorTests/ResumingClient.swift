// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedTestSupport
import FedTransport
import FedWire
import Synchronization

/// A worker without an engine that connects again whenever its connection breaks, and goes on where it was.
final class ResumingClient: Sendable {
    /// What it has seen, and what it has in hand.
    struct State {
        /// What each Welcome said of its upload.
        var welcomed: [PartialTransfer?] = []
        /// Where its offers began.
        var offers: [Int] = []
        /// What assignments announced that it took.
        var downloads: [TransferHeader] = []
        var verdicts: [Receipt.Verdict] = []
        /// Bytes through the pipes of both ends, those of frames and messages included.
        var sentUp = 0
        var sentDown = 0
        /// Where the parts ended that went over the last connection.
        var partsUp: [Int] = []
        var partsDown: [Int] = []
        var hasEnded = false
        fileprivate var run: RunDescription?
        fileprivate var download: (header: TransferHeader, bytes: [UInt8])?
        fileprivate var pending: (assignment: WorkerAssignment, payload: [UInt8])?
        /// What may be left out of the next offer.
        fileprivate var uploaded: PartialTransfer?
    }

    let name: WorkerID
    let coordinator: Coordinator
    /// The first entry of its change; the others are 0.
    let change: @Sendable () async -> Float
    private let state = Mutex(State())

    init(_ name: String, _ coordinator: Coordinator, change: @escaping @Sendable () async -> Float = { 1 }) throws {
        self.name = try WorkerID(name)
        self.coordinator = coordinator
        self.change = change
    }

    var seen: State { state.withLock { $0 } }

    /// Works over one connection that breaks, or falls silent, after so many bytes of this end, or of the other.
    func connect(up: Int = .max, down: Int = .max, silence: (@Sendable () -> Void)? = nil) async {
        let pipes = await CutTransport.withPair(up: up, down: down, silence: silence) {
            try await self.work(over: $0)
        } server: {
            await self.coordinator.converse(with: self.name, over: $0)
        }
        state.withLock { state in
            state.sentUp += pipes.client.sentBytes
            state.sentDown += pipes.server.sentBytes
            state.partsUp = pipes.client.partEnds
            state.partsDown = pipes.server.partEnds
        }
    }

    /// Connects until the run has ended, at most so often.
    func connect(atMost limit: Int = 200, _ cut: (_ connection: Int) -> (up: Int, down: Int)) async {
        for number in 0..<limit where !seen.hasEnded { await connect(up: cut(number).up, down: cut(number).down) }
    }

    private func work(over connection: any Connection) async throws {
        let held = try seen.download.map { try PartialTransfer(sha256: $0.header.sha256, byteCount: $0.bytes.count) }
        try await connection.send(.hello(Hello(agent: "fake", datasets: ["digits"], download: held)))
        for try await inbound in connection.messages {
            switch inbound.message {
            case .welcome(let welcome):
                state.withLock { state in
                    state.welcomed.append(welcome.upload)
                    state.uploaded = welcome.upload
                }
            case .run(let run):
                state.withLock { $0.run = run }
                try await offer(over: connection)
            case .assignment(let message):
                guard let transfer = inbound.transfer, seen.pending?.assignment.round != message.assignment.round
                else { continue }
                try await take(message, transfer)
                try await offer(over: connection)
            case .receipt(let receipt):
                if case .refused(.unavailable, _) = receipt.verdict {
                    try await Task.sleep(for: .milliseconds(20))
                    try await offer(over: connection)
                } else {
                    state.withLock { state in
                        state.verdicts.append(receipt.verdict)
                        state.pending = nil
                    }
                }
            case .runEnded:
                state.withLock { $0.hasEnded = true }
                return
            default: continue
            }
        }
    }

    /// Receives a model behind what is held of it, and makes the update.
    private func take(_ message: Assignment, _ transfer: IncomingTransfer) async throws {
        guard let run = seen.run else { return }
        state.withLock { $0.downloads.append(message.model) }
        var bytes = message.model.offset > 0 ? seen.download?.bytes ?? [] : []
        do {
            try await transfer.collect(limit: 1 << 30, into: &bytes)
        } catch {
            let held = bytes
            state.withLock { $0.download = (message.model, held) }
            throw error
        }
        var change = [Float](repeating: 0, count: run.layout.count)
        change[0] = await self.change()
        let payload = try CodecRegistry.codec(run.uplink).encode(
            ParameterVector(layout: run.layout, values: change),
            generator: SeededGenerator(key: message.assignment.seed))
        state.withLock { state in
            state.download = nil
            state.pending = (message.assignment, payload)
        }
    }

    private func offer(over connection: any Connection) async throws {
        guard let (assignment, bytes) = seen.pending else { return }
        let payload = OutgoingPayload(bytes)
        let offset = state.withLock { state in
            defer { state.uploaded = nil }
            return state.uploaded?.offset(in: payload.sha256, byteCount: payload.byteCount) ?? 0
        }
        state.withLock { $0.offers.append(offset) }
        try await connection.offer(payload, from: offset, of: assignment)
    }
}

extension Connection {
    /// Offers an update for an assignment and sends its bytes from an offset on, unless they are not wanted.
    func offer(_ payload: OutgoingPayload, from offset: Int = 0, of assignment: WorkerAssignment) async throws {
        let header = makeTransferHeader(for: payload, from: offset)
        try await send(
            .updateOffer(
                UpdateOffer(
                    worker: assignment.worker, run: assignment.run, round: assignment.round,
                    baseVersion: assignment.baseVersion, scope: assignment.scope, codec: assignment.codec,
                    exampleCount: 10, metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0), payload: header)))
        do {
            try await send(payload, on: header)
        } catch {
            guard error == TransportError(.transferReset, "") else { throw error }
        }
    }
}
