// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedWire
internal import NIOCore

extension MultiplexedConnection {
    /// Chunks below this share of the memory that they came in are copied, so that they do not hold on to all of it, and the
    /// memory is used again for what comes next.
    private static let sliceShare = 2

    /// Reads frames until the connection ends.
    func read() async {
        do {
            try await pipe.receive { chunk throws(TransportError) in try take(chunk) }
            let isBetweenFrames = state.withLock { $0.decoder.isBetweenFrames }
            end(
                isBetweenFrames
                    ? TransportError(.closedByPeer, "the peer closed the connection")
                    : TransportError(.connectionLost, "the connection broke off within a frame"), telling: nil)
        } catch {
            let isViolation = error.code == .protocolViolation
            end(error, telling: isViolation ? PeerError(code: .protocolViolation, message: error.message) : nil)
        }
    }

    /// Handles all frames in a chunk of bytes.
    private func take(_ chunk: ByteBuffer) throws(TransportError) {
        let isFirst = state.withLock { state in
            state.silentTicks = 0
            defer { state.hasHeard = true }
            return !state.hasHeard
        }
        if isFirst { greeting.post(()) }
        var offset = 0
        while let event = try nextEvent(in: chunk, from: &offset) { try handle(event, in: chunk) }
    }

    private func nextEvent(in chunk: ByteBuffer, from offset: inout Int) throws(TransportError) -> FrameEvent? {
        do {
            return try state.withLock { state throws(WireError) in
                try state.decoder.next(in: chunk.readableBytesSpan, from: &offset)
            }
        } catch { throw TransportError(.protocolViolation, error.message) }
    }

    private func handle(_ event: FrameEvent, in chunk: ByteBuffer) throws(TransportError) {
        switch event {
        case .control(let payload): try receive(message: payload)
        case .data(let stream, let range): try receive(chunk, range, on: stream)
        case .end(let stream):
            guard
                let (mailbox, isComplete) = try incoming(
                    stream,
                    { streams throws(TransportError) in
                        try streams.end(stream)
                    })
            else { return }
            if isComplete {
                mailbox.finish()
            } else {
                mailbox.fail(
                    TransferError(.truncated, "fewer bytes came than were announced"), discarding: true)
            }
        case .credit(let stream, let count):
            let wake = try state.withLock { state throws(TransportError) in
                try state.outgoing.credit(count, on: stream)
            }
            if let (waiter, permission) = wake { waiter.resume(returning: permission) }
        case .reset(let stream, let code): try receive(reset: code, on: stream)
        }
    }

    private func receive(message payload: [UInt8]) throws(TransportError) {
        let decoded: DecodedMessage
        do { decoded = try ControlMessage.decode(payload) } catch {
            throw TransportError(.protocolViolation, error.message)
        }
        guard case .known(let message) = decoded else { return }
        var transfer: IncomingTransfer?
        if let header = message.transferHeader { transfer = try announce(header) }
        if case .peerError(let reason) = message { state.withLock { $0.peerError = reason } }
        let waiting = inbox.post(
            InboundMessage(message: message, transfer: transfer), weight: payload.count + 1024
        ) { last in
            guard case .heartbeat = message, case .heartbeat = last.message else { return false }
            return true
        }
        guard waiting ?? 0 <= Self.maximumWaitingBytes else {
            throw TransportError(.protocolViolation, "the peer sends messages faster than they can be handled")
        }
        if case .peerError(let reason) = message {
            end(TransportError(.closedByPeer, reason.message, peerError: reason), telling: nil)
        }
    }

    private func announce(_ header: TransferHeader) throws(TransportError) -> IncomingTransfer {
        guard !role.owns(header.stream) else {
            throw TransportError(.protocolViolation, "the peer announced a transfer on a stream of this end")
        }
        let mailbox = ChunkMailbox()
        let transfer = IncomingTransfer(header: header, mailbox: mailbox, connection: self)
        let isTaken = try state.withLock { state throws(TransportError) in
            try state.incoming.announce(header, mailbox)
        }
        if !isTaken {
            mailbox.fail(
                TransferError(
                    .tooManyTransfers, "more than \(FrameLimits.concurrentTransfers) transfers were under way"),
                discarding: true)
            answer { () throws(WireError) in
                try FrameEncoder.reset(stream: header.stream, code: .tooManyTransfers)
            }
        }
        return transfer
    }

    private func receive(_ chunk: ByteBuffer, _ range: Range<Int>, on stream: UInt32) throws(TransportError) {
        let delivery = try incoming(stream) { streams throws(TransportError) in
            try streams.receive(range.count, on: stream)
        }
        switch delivery {
        case .discard: return
        case .oversize(let mailbox):
            mailbox.fail(TransferError(.oversize, "more bytes came than were announced"), discarding: true)
            answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: .oversize) }
        case .deliver(let mailbox):
            guard let slice = chunk.getSlice(at: chunk.readerIndex + range.lowerBound, length: range.count)
            else { preconditionFailure("the decoder points into the chunk") }
            let isSmall = range.count * Self.sliceShare < chunk.storageCapacity
            mailbox.post(isSmall ? ByteBuffer(bytes: slice.readableBytesView) : slice)
        }
    }

    private func receive(reset code: ResetCode, on stream: UInt32) throws(TransportError) {
        guard role.owns(stream) else {
            let ended = try incoming(stream) { streams throws(TransportError) in try streams.end(stream) }
            ended?.mailbox.fail(TransferError(.abandoned, "the sender gave up the transfer"), discarding: true)
            return
        }
        let reaction = try state.withLock { state throws(TransportError) in
            try state.outgoing.reset(stream, code)
        }
        switch reaction {
        case .none: return
        case .wake(let waiter): waiter.resume(returning: .reset(code))
        case .answer: answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: .abandoned) }
        }
    }

    /// Runs `body` on the books of the peer's transfers, after checking that the stream is one of the peer's.
    private func incoming<Result>(
        _ stream: UInt32, _ body: (inout IncomingStreams) throws(TransportError) -> sending Result
    ) throws(TransportError) -> Result {
        guard !role.owns(stream) else {
            throw TransportError(.protocolViolation, "the peer used a stream of this end for bytes of its own")
        }
        return try state.withLock { state throws(TransportError) in try body(&state.incoming) }
    }

    // MARK: - For the consumer of a transfer

    /// Allows the sender of a stream further bytes.
    func grant(_ count: Int, on stream: UInt32) {
        guard state.withLock({ $0.incoming.grant(count, on: stream) }) else { return }
        answer { () throws(WireError) in
            try FrameEncoder.credit(stream: stream, byteCount: UInt32(clamping: count))
        }
    }

    /// Tells the sender of a stream to stop, unless it is done or was told before.
    func abandon(_ stream: UInt32, _ code: ResetCode) {
        guard let mailbox = state.withLock({ $0.incoming.abandon(stream) }) else { return }
        mailbox.fail(TransferError(.abandoned, "this end gave up the transfer"), discarding: true)
        answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: code) }
    }
}
