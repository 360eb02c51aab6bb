// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTransport
import FedWire

/// Messages and bytes that tests send.
enum Samples {
    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(key: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    static func decline(_ reason: String, round: Int = 1) throws -> ControlMessage {
        .decline(Decline(run: try RunID("run"), round: RoundID(round), reason: reason))
    }

    static func offer(_ header: TransferHeader, round: Int = 1) throws -> ControlMessage {
        .updateOffer(
            UpdateOffer(
                worker: try WorkerID("worker-1"), run: try RunID("run"), round: RoundID(round),
                baseVersion: ModelVersion(0), codec: CodecID("dense-float32"), exampleCount: 10,
                metrics: TrainingMetrics(loss: 1, accuracy: 0.5, seconds: 2), payload: header))
    }

    /// A header for `bytes` as the sender announces them, whether or not it is going to keep its word.
    static func header(_ bytes: [UInt8], stream: UInt32, byteCount: Int? = nil) throws -> TransferHeader {
        try TransferHeader(
            stream: stream, byteCount: byteCount ?? bytes.count, sha256: OutgoingPayload(bytes).sha256)
    }
}

extension Connection {
    /// Announces and sends `bytes`.
    func offer(_ bytes: [UInt8], round: Int = 1) async throws {
        let payload = OutgoingPayload(bytes)
        let header = makeTransferHeader(for: payload)
        try await send(try Samples.offer(header, round: round))
        try await send(payload, on: header)
    }

    /// The next message other than a heartbeat; nil at the end.
    func nextMessage() async throws -> InboundMessage? {
        for try await message in messages {
            if case .heartbeat = message.message { continue }
            return message
        }
        return nil
    }

    /// The reason of the next message, which is a Decline.
    func nextReason() async throws -> String? {
        guard case .decline(let decline)? = try await nextMessage()?.message else { return nil }
        return decline.reason
    }

    /// The next message's transfer.
    func nextTransfer() async throws -> IncomingTransfer {
        guard let transfer = try await nextMessage()?.transfer else {
            throw TransportError(.closed, "no transfer came")
        }
        return transfer
    }
}
