// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
public import FedWire
internal import NIOCore
internal import Synchronization

/// Bytes that a message has announced, on their way.
///
/// Consume it once, with `collect` or `forEachChunk`; until then the sender may send 64 KiB. One that is
/// neither consumed nor held any more is abandoned: the sender is told to stop.
public final class IncomingTransfer: Sendable {
    /// What was announced.
    public let header: TransferHeader

    let mailbox: ChunkMailbox
    private let connection: MultiplexedConnection
    private let isConsumed = Mutex(false)

    init(header: TransferHeader, mailbox: ChunkMailbox, connection: MultiplexedConnection) {
        self.header = header
        self.mailbox = mailbox
        self.connection = connection
    }

    deinit { connection.abandon(header.stream, .abandoned) }

    /// All bytes, after checking their number and their SHA-256; of a transfer from the beginning.
    ///
    /// Throws as `collect(limit:into:)` does.
    public func collect(limit: Int) async throws(TransferError) -> [UInt8] {
        var bytes: [UInt8] = []
        try await collect(limit: limit, into: &bytes)
        return bytes
    }

    /// Appends what comes to the first `header.offset` bytes, which this end holds, and checks number and SHA-256 of the whole.
    ///
    /// Throws `TransferError.tooLarge` at once when the whole has more than `limit` bytes; otherwise `truncated`, `oversize`,
    /// `digestMismatch`, `stalled`, `abandoned`, `connectionLost` or `cancelled`. The connection lives on. After the last two
    /// `bytes` holds what has arrived, where the transfer may go on; after any other it is of no use.
    public func collect(limit: Int, into bytes: inout [UInt8]) async throws(TransferError) {
        // Not the bytes themselves: a second reference would make the first append copy them.
        try await consume(limit: limit, after: digest(of: bytes)) { chunk in
            // The announced count is within the limit here; the memory is not touched before bytes come.
            bytes.reserveCapacity(header.byteCount)
            chunk.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
        }
    }

    /// Calls `body` with one piece after the other, first with those of `held`, the first `header.offset` bytes, which this end
    /// holds; throws as `collect(limit:into:)` does.
    ///
    /// Number and digest are checked at the end: what `body` does must be of no effect when this throws.
    public func forEachChunk(
        limit: Int, after held: [UInt8] = [], _ body: (_ chunk: [UInt8]) async -> Void
    ) async throws(TransferError) {
        for start in stride(from: 0, to: held.count, by: FrameLimits.dataPayload) {
            await body(Array(held[start..<min(held.count, start + FrameLimits.dataPayload)]))
        }
        try await consume(limit: limit, after: digest(of: held)) { chunk in await body([UInt8](buffer: chunk)) }
    }

    /// Tells the sender to stop; a consumer gets `TransferError.abandoned`.
    public func abandon() { connection.abandon(header.stream, .abandoned) }

    /// The digest up to the offset.
    private func digest(of held: [UInt8]) -> SHA256 {
        precondition(held.count == header.offset, "a transfer goes on behind what is held of it")
        var hash = SHA256()
        held.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash
    }

    private func consume(
        limit: Int, after beginning: SHA256, _ body: (ByteBuffer) async -> Void
    ) async throws(TransferError) {
        let isFirst = isConsumed.withLock { isConsumed in
            defer { isConsumed = true }
            return !isConsumed
        }
        precondition(isFirst, "a transfer is consumed once")
        guard header.byteCount <= limit else {
            connection.abandon(header.stream, .tooLarge)
            throw TransferError(
                .tooLarge, "a transfer of \(header.byteCount) bytes is announced, but no more than \(limit) are taken")
        }
        let budget = connection.configuration.budget
        guard let window = await budget.take(min(connection.configuration.window, header.remainingCount)) else {
            connection.abandon(header.stream, .abandoned)
            throw TransferError(.cancelled, "the task that waited for a transfer was cancelled")
        }
        defer { budget.giveBack(window) }
        try await receive(window: max(window, FrameLimits.initialCredit), beginning, body)
    }

    private func receive(
        window: Int, _ beginning: SHA256, _ body: (ByteBuffer) async -> Void
    ) async throws(TransferError) {
        var hash = beginning
        var consumed = 0
        var granted = FrameLimits.initialCredit
        // A little more than announced is granted, so that a sender that sends too much is told so in order.
        let enough = header.remainingCount + FrameLimits.initialCredit
        func grant() {
            let target = min(consumed + window, enough)
            let wanted = target - granted
            guard wanted >= window / 4 || (wanted > 0 && (consumed == 0 || target == enough)) else { return }
            connection.grant(wanted, on: header.stream)
            granted += wanted
        }
        grant()
        while let chunk = try await mailbox.next() {
            chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            await body(chunk)
            consumed += chunk.readableBytes
            grant()
        }
        guard !Task.isCancelled || consumed == header.remainingCount else {
            connection.abandon(header.stream, .abandoned)
            throw TransferError(.cancelled, "the task that waited for a transfer was cancelled")
        }
        guard Array(hash.finalize()) == header.sha256 else {
            throw TransferError(.digestMismatch, "the bytes of a transfer do not have the announced SHA-256")
        }
    }
}
