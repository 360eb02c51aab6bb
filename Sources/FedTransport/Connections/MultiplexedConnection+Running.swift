// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedWire
internal import NIOCore

extension MultiplexedConnection {
    /// How long a goodbye may take to be written.
    private static let goodbye = Duration.seconds(2)

    /// Serves the connection while `body` uses it; closes it afterwards.
    ///
    /// With `awaitingGreeting`, `body` starts when the first bytes of the peer have come, at the latest after that time:
    /// then `TransportError.handshakeFailed` is thrown. When the task is cancelled, the peer is told that this end shuts down.
    package func run<Result: Sendable>(
        awaitingGreeting timeout: Duration? = nil, _ body: @Sendable (any Connection) async throws -> Result
    ) async throws -> Result {
        // Reading and writing outlive the cancellation of the body, so that there is somebody to say goodbye. They end,
        // and are awaited, before this function returns. Detached, for each task that inherits something takes memory for it.
        let reading = Task.detached { await self.read() }
        let writing = Task.detached { await self.writeOutbox() }
        let outcome: Swift.Result<Result, any Error>
        do {
            if let timeout { try await awaitGreeting(timeout) }
            let beating = Task.detached { await self.beat() }
            defer { beating.cancel() }
            outcome = .success(try await body(self))
        } catch { outcome = .failure(error) }
        let isCancelled = Task.isCancelled
        await close(
            isCancelled
                ? PeerError(code: .shuttingDown, message: "this end is shutting down; try again later") : nil)
        await pipe.close()
        await reading.value
        await writing.value
        // Messages that nobody wanted hold transfers, which hold the connection.
        inbox.clear()
        return try outcome.get()
    }

    /// Waits until the peer was heard for the first time.
    private func awaitGreeting(_ timeout: Duration) async throws(TransportError) {
        let clock = configuration.clock
        let timer = Task {
            guard (try? await clock.sleep(for: timeout)) != nil else { return }
            self.end(
                TransportError(.handshakeFailed, "the server accepted the connection but says nothing"), telling: nil)
        }
        defer { timer.cancel() }
        guard try await greeting.next() != nil else {
            throw TransportError(.cancelled, "the task was cancelled while connecting")
        }
    }

    /// Sends heartbeats, the first at once, and ends the connection when the peer is silent.
    private func beat() async {
        while !Task.isCancelled {
            let heartbeat = configuration.heartbeat()
            let frame =
                (try? FrameEncoder.control(.heartbeat(heartbeat)))
                ?? (try? FrameEncoder.control(.heartbeat(Heartbeat())))
            if let frame { outbox.post(OutboxEntry(frame: ByteBuffer(bytes: frame), written: nil), weight: 1) }
            let interval = state.withLock { $0.heartbeatInterval }
            guard (try? await configuration.clock.sleep(for: interval)) != nil else { return }
            let (isSilent, stalled) = state.withLock { state in
                state.silentTicks += 1
                return (state.silentTicks > 3, state.incoming.tick(limit: configuration.stalledIntervals))
            }
            for (stream, mailbox) in stalled {
                mailbox.fail(TransferError(.stalled, "the sender of a transfer stalled"), discarding: true)
                answer { () throws(WireError) in try FrameEncoder.reset(stream: stream, code: .stalled) }
            }
            if isSilent {
                end(
                    TransportError(.silent, "the peer said nothing for more than three heartbeats"),
                    telling: PeerError(code: .silent, message: "nothing was heard for more than three heartbeats"))
                return
            }
        }
    }

    /// Writes what is in the outbox, in order, until it ends; then closes the pipe.
    private func writeOutbox() async {
        var failure: TransportError?
        while let first = await outbox.next() {
            let entries = [first] + outbox.drain()
            if failure == nil {
                do { try await pipe.send(entries.map(\.frame)) } catch { failure = await reason(behind: error) }
            }
            for entry in entries {
                if let failure { entry.written?.fail(failure, discarding: false) } else { entry.written?.post(()) }
            }
        }
        outboxIsWritten.open()
        await pipe.close()
    }

    /// Ends the connection for everybody who waits for it; the first reason counts.
    ///
    /// What is in the outbox is still written, `reason` as the last message; then the pipe closes.
    func end(_ error: TransportError, telling reason: PeerError?) {
        let ended = state.withLock { state -> (TransportError, [ChunkMailbox], [OutgoingStreams.Waiter])? in
            guard state.ending == nil else { return nil }
            var error = error
            if error.peerError == nil, let peerError = state.peerError {
                error = TransportError(.closedByPeer, peerError.message, peerError: peerError)
            }
            state.ending = error
            return (error, state.incoming.removeAll(), state.outgoing.removeAll())
        }
        guard let (error, mailboxes, waiters) = ended else { return }
        if let reason, let frame = try? FrameEncoder.control(.peerError(reason)) {
            outbox.post(OutboxEntry(frame: ByteBuffer(bytes: frame), written: nil), weight: 1)
        }
        outbox.finish()
        hasEnded.open()
        // What has arrived stays: the transfer may go on behind it over another connection.
        for mailbox in mailboxes {
            mailbox.fail(TransferError(.connectionLost, "the connection ended: \(error.message)"), discarding: false)
        }
        for waiter in waiters { waiter.resume(returning: .ended) }
        greeting.fail(error, discarding: false)
        if error.code == .closed || error.code == .closedByPeer {
            inbox.finish()
        } else {
            inbox.fail(error, discarding: false)
        }
    }

    /// Why the connection ended, once writing has failed with `error`.
    ///
    /// What the peer said last may still wait to be read, and says more than a failed write: reading gets some time.
    func reason(behind error: TransportError) async -> TransportError {
        let clock = configuration.clock
        let timer = Task {
            guard (try? await clock.sleep(for: Self.goodbye)) != nil else { return }
            self.end(error, telling: nil)
        }
        await hasEnded.wait()
        timer.cancel()
        return state.withLock { $0.ending } ?? error
    }

    /// Waits until the outbox is written, but not for long.
    func finishWriting() async {
        let clock = configuration.clock
        let pipe = pipe
        let timer = Task {
            guard (try? await clock.sleep(for: Self.goodbye)) != nil else { return }
            await pipe.close()
        }
        await outboxIsWritten.wait()
        timer.cancel()
    }
}
