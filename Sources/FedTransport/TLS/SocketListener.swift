// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Listens at a port and serves what connects.
struct SocketListener {
    /// How many connections may wait to be accepted.
    static let backlog: Int32 = 4096

    let configuration: TLSServer.Configuration
    let context: TLSContext

    func run(
        onListening: @Sendable (Int) async -> Void,
        onRefused: @escaping @Sendable (_ address: String, TransportError) -> Void,
        onBlocked: @escaping @Sendable (TransportError) -> Void,
        handler: @escaping @Sendable (any Connection) async -> Void
    ) async throws(TransportError) {
        let waiting = AcceptedChannels()
        defer { waiting.close() }
        let listener = try await listen(waiting, onBlocked)
        let configuration = configuration
        do {
            try await listener.executeThenClose { accepted in
                await onListening(listener.channel.localAddress?.port ?? configuration.port)
                try await withThrowingDiscardingTaskGroup { group in
                    // Nobody waits for a place while the connections in use come to their end.
                    defer {
                        listener.channel.close(promise: nil)
                        waiting.close()
                    }
                    let places = ConnectionPlaces(count: configuration.maximumConnections)
                    for try await channel in accepted {
                        waiting.take(channel)
                        let address =
                            channel.remoteAddress.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? "unknown"
                        guard let place = places.take(close: { channel.close(promise: nil) }) else {
                            channel.close(promise: nil)
                            onRefused(address, crowded)
                            continue
                        }
                        group.addTask {
                            var refusal: TransportError?
                            do {
                                let socket = try await secured(channel)
                                socket.handshake.whenSuccess { _ in places.keep(place) }
                                try await socket.withConnection(
                                    role: .server, configuration: configuration.connection, handler)
                            } catch let error as TransportError where error.isRefusal {
                                refusal = error
                            } catch {}  // What happens to a connection in use, its handler knows.
                            if !places.giveBack(place) { refusal = crowded }
                            if let refusal { onRefused(address, refusal) }
                        }
                    }
                }
            }
        } catch {
            if Task.isCancelled { return }
            throw TransportError(.cannotListen, "the server can no longer accept connections")
        }
    }

    /// Why there is no place for a connection.
    private var crowded: TransportError {
        TransportError(
            .handshakeFailed,
            "all \(configuration.maximumConnections) places for connections are taken: try again later, or raise the limit "
                + "of open files (ulimit -n)")
    }

    /// Adds the handlers to an accepted channel and lets it read; the result must be run, for it closes the channel.
    private func secured(_ channel: any Channel) async throws -> SocketChannel {
        let context = context
        let timeout = configuration.handshakeTimeout
        do {
            return try await channel.eventLoop.submit {
                // An active channel takes handlers; one that closed meanwhile would refuse them half-way.
                guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
                let secured = try SocketChannel(
                    channel, tls: NIOSSLServerHandler(context: context.ssl),
                    applicationProtocol: context.applicationProtocol, timeout: timeout)
                _ = channel.setOption(.autoRead, value: true)
                return secured
            }.get()
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// Binds a server channel whose children are bare: a channel with a writer must not get lost on the way to its task.
    private func listen(
        _ waiting: AcceptedChannels, _ onBlocked: @escaping @Sendable (TransportError) -> Void
    ) async throws(TransportError) -> NIOAsyncChannel<any Channel, Never> {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        AcceptBackoffHandler(), AcceptErrorHandler(onBlocked: onBlocked),
                    ])
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: SocketChannel.waterMarks)
            .childChannelOption(.recvAllocator, value: SocketChannel.readSizes)
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port) {
                channel -> EventLoopFuture<any Channel> in
                guard waiting.add(channel) else {
                    channel.close(promise: nil)
                    return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
                }
                return channel.eventLoop.makeSucceededFuture(channel)
            }
        } catch {
            throw TransportError(
                .cannotListen,
                "cannot listen at \(configuration.host):\(configuration.port): "
                    + "\((error as? IOError).map { $0.errnoCode == EADDRINUSE ? "the port is in use" : "\($0)" } ?? "\(error)")"
            )
        }
    }
}
