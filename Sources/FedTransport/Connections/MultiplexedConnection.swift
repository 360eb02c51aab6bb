// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedWire
internal import NIOCore
internal import Synchronization

/// A connection over any pipe: frames of several transfers and of messages, interleaved.
///
/// One task reads and never waits for anything but the pipe. Messages and the small frames that answer the peer go
/// through a queue, the outbox, which a second task writes; bytes of transfers are written by the tasks that send them. A
/// third task sends heartbeats and listens for silence.
package final class MultiplexedConnection: Connection {
    /// No more bytes of messages may wait to be consumed.
    static let maximumWaitingBytes = 4 << 20
    /// What a frame of a short transfer holds: encrypted, it fits into 64 KiB.
    private static let shortFrame = 48 << 10
    /// No more answers may wait to be written.
    static let maximumWaitingAnswers = 4096

    struct State {
        var incoming = IncomingStreams()
        var outgoing: OutgoingStreams
        var decoder = FrameDecoder()
        var ending: TransportError?
        var peerError: PeerError?
        var heartbeatInterval: Duration
        var silentTicks = 0
        var hasHeard = false
    }

    package let peer: ConnectionPeer
    package let messages: InboundMessages
    let pipe: any FramePipe
    let role: ConnectionRole
    let configuration: ConnectionConfiguration
    let inbox = MessageInbox()
    let outbox = Mailbox<OutboxEntry, Never>()
    let outboxIsWritten = Latch()
    let hasEnded = Latch()
    let greeting = Mailbox<Void, TransportError>()
    let state: Mutex<State>

    /// An end of a connection over `pipe`; nothing happens before `run`.
    package init(
        pipe: any FramePipe, role: ConnectionRole, peer: ConnectionPeer, configuration: ConnectionConfiguration
    ) {
        self.pipe = pipe
        self.role = role
        self.peer = peer
        self.configuration = configuration
        messages = InboundMessages(inbox: inbox)
        state = Mutex(
            State(outgoing: OutgoingStreams(role: role), heartbeatInterval: configuration.heartbeatInterval))
    }

    package func makeTransferHeader(for payload: OutgoingPayload, from offset: Int) -> TransferHeader {
        precondition((0...payload.byteCount).contains(offset), "a transfer goes on within its payload")
        let stream = state.withLock { $0.outgoing.open() }
        guard let stream,
            let header = try? TransferHeader(
                stream: stream, byteCount: payload.byteCount, sha256: payload.sha256, offset: offset)
        else { preconditionFailure("a connection has 2^31 streams, and a payload is smaller than the limit") }
        return header
    }

    package func send(_ message: ControlMessage) async throws(TransportError) {
        let frame: [UInt8]
        do { frame = try FrameEncoder.control(message) } catch {
            throw TransportError(.invalidMessage, error.message)
        }
        try state.withLock { state throws(TransportError) in
            if let ending = state.ending { throw ending }
            guard let header = message.transferHeader, !state.outgoing.announce(header.stream) else { return }
            throw TransportError(
                .tooManyTransfers,
                "\(FrameLimits.concurrentTransfers) transfers are under way: send their bytes before announcing more")
        }
        let written = Mailbox<Void, TransportError>()
        guard outbox.post(OutboxEntry(frame: ByteBuffer(bytes: frame), written: written), weight: 1) != nil else {
            throw ending
        }
        if try await written.next() != nil { return }
        // The message stays in the outbox: a transfer that it announces has to be known to the peer before its RESET.
        if let stream = message.transferHeader?.stream {
            answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: .abandoned) }
            state.withLock { $0.outgoing.close(stream) }
        }
        throw TransportError(.cancelled, "the task was cancelled while sending")
    }

    package func send(
        _ payload: OutgoingPayload, on header: TransferHeader, progress: @Sendable (Int) -> Void
    ) async throws(TransportError) {
        precondition(payload.sha256 == header.sha256, "the header was made for another payload")
        let stream = header.stream
        try state.withLock { state throws(TransportError) in
            if let ending = state.ending { throw ending }
            if let code = state.outgoing.begin(stream) { throw Self.reset(code) }
        }
        do throws(TransportError) {
            let frame = Self.frame(of: payload)
            var offset = header.offset
            while offset < payload.byteCount {
                let wanted = min(payload.byteCount - offset, frame)
                let count = try await permission(wanted, on: stream)
                let head = try Self.frame { () throws(WireError) in
                    try FrameEncoder.dataHeader(stream: stream, length: count)
                }
                try await write([head, payload.slice(offset..<offset + count)])
                offset += count
                progress(count)
            }
            if let code = state.withLock({ $0.outgoing.willEnd(stream) }) { throw Self.reset(code) }
            try await write([try Self.frame { () throws(WireError) in try FrameEncoder.end(stream: stream) }])
            state.withLock { $0.outgoing.close(stream) }
        } catch {
            answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: .abandoned) }
            state.withLock { $0.outgoing.close(stream) }
            throw error
        }
    }

    /// How many bytes of a transfer are sent in one frame.
    ///
    /// Every connection keeps a buffer that its longest frame has fitted in: it stays small beside what is sent, and a long
    /// transfer still has only a hundred frames or so.
    private static func frame(of payload: OutgoingPayload) -> Int {
        min(FrameLimits.dataPayload, max(shortFrame, payload.byteCount / 64))
    }

    package func setHeartbeatInterval(_ interval: Duration) {
        precondition(interval > .zero, "the heartbeat interval is positive")
        state.withLock { $0.heartbeatInterval = interval }
    }

    package func close(_ reason: PeerError?) async {
        end(TransportError(.closed, "this end closed the connection"), telling: reason)
        await finishWriting()
    }

    /// Why the connection is over.
    private var ending: TransportError {
        state.withLock { $0.ending } ?? TransportError(.closed, "the connection is closed")
    }

    // MARK: - Writing

    /// Writes frames, or throws the reason for which the connection ended.
    func write(_ buffers: [ByteBuffer]) async throws(TransportError) {
        do { try await pipe.send(buffers) } catch {
            if error.code == .cancelled { throw error }
            throw await reason(behind: error)
        }
    }

    /// Queues a small frame that answers the peer; for callers that cannot wait.
    func answer(_ encode: () throws(WireError) -> [UInt8]) {
        guard let frame = try? encode() else { preconditionFailure("the frame's fields are in their ranges") }
        let waiting = outbox.post(OutboxEntry(frame: ByteBuffer(bytes: frame), written: nil), weight: 1)
        if let waiting, waiting > Self.maximumWaitingAnswers {
            end(
                TransportError(.protocolViolation, "the peer causes answers and does not read them"),
                telling: nil)
        }
    }

    private static func frame(_ encode: () throws(WireError) -> [UInt8]) throws(TransportError) -> ByteBuffer {
        do { return ByteBuffer(bytes: try encode()) } catch { throw TransportError(.invalidMessage, error.message) }
    }

    private static func reset(_ code: ResetCode) -> TransportError {
        TransportError(.transferReset, "the receiver gave up the transfer: \(code)", resetCode: code)
    }

    /// Waits until the receiver allows bytes; how many, at most `wanted`.
    private func permission(_ wanted: Int, on stream: UInt32) async throws(TransportError) -> Int {
        let permission = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: OutgoingStreams.Permission? = state.withLock { state in
                    if state.ending != nil { return .ended }
                    if Task.isCancelled { return .cancelled }
                    if let permission = state.outgoing.take(wanted, on: stream) { return permission }
                    state.outgoing.wait(continuation, wanted: wanted, on: stream)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.outgoing.stopWaiting(stream) }
            waiter?.resume(returning: .cancelled)
        }
        switch permission {
        case .send(let count): return count
        case .reset(let code): throw Self.reset(code)
        case .cancelled: throw TransportError(.cancelled, "the task was cancelled while sending")
        case .ended: throw ending
        }
    }
}
