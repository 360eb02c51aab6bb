// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOSSL

/// A channel whose handshake is under way, and who is at its other end once it is done.
struct SocketChannel: Sendable {
    /// How much may wait in the channel before writers are held back, and when they go on.
    static let waterMarks = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
    /// How much is read at once: a connection that says little keeps a buffer of 2 KiB, and one that has moved bulk bytes 32 KiB,
    /// beside what TLS keeps for the bytes that were decrypted together.
    static let readSizes = AdaptiveRecvByteBufferAllocator(minimum: 2 << 10, initial: 2 << 10, maximum: 32 << 10)

    let stream: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    let handshake: EventLoopFuture<ConnectionPeer>

    /// Adds the handlers; on the channel's event loop. The result must be run: its writer does not bear to be dropped.
    init(
        _ channel: any Channel, tls: NIOSSLHandler, applicationProtocol: ApplicationProtocol, timeout: Duration
    ) throws {
        let completed = channel.eventLoop.makePromise(of: ConnectionPeer.self)
        do {
            try channel.pipeline.syncOperations.addHandlers([
                tls,
                HandshakeHandler(
                    applicationProtocol: applicationProtocol, timeout: TimeAmount(timeout), completed: completed),
            ])
            stream = try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        } catch {
            completed.fail(error)
            throw error
        }
        handshake = completed.futureResult
    }

    /// Waits for the handshake and runs `body` with the connection; the channel is closed afterwards.
    func withConnection<Result: Sendable>(
        role: ConnectionRole, configuration: ConnectionConfiguration, awaitingGreeting: Duration? = nil,
        _ body: @Sendable (any Connection) async throws -> Result
    ) async throws -> Result {
        try await withPipe { pipe, peer in
            try await MultiplexedConnection(pipe: pipe, role: role, peer: peer, configuration: configuration)
                .run(awaitingGreeting: awaitingGreeting, body)
        }
    }

    /// Waits for the handshake and runs `body` with the bare bytes; the channel is closed afterwards.
    func withPipe<Result: Sendable>(
        _ body: @Sendable (SocketPipe, ConnectionPeer) async throws -> Result
    ) async throws -> Result {
        let channel = stream.channel
        let outcome: Swift.Result<Result, any Error> = try await stream.executeThenClose { inbound, outbound in
            do {
                let peer = try await withTaskCancellationHandler {
                    try await handshake.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
                return .success(
                    try await body(SocketPipe(channel: channel, inbound: inbound, outbound: outbound), peer))
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
