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
        handler: @escaping @Sendable (any Connection) async -> Void
    ) async throws(TransportError) {
        let listener = try await listen()
        let configuration = configuration
        do {
            try await listener.executeThenClose { accepted in
                await onListening(listener.channel.localAddress?.port ?? configuration.port)
                try await withThrowingDiscardingTaskGroup { group in
                    let places = ConnectionPlaces(count: configuration.maximumConnections)
                    for try await channel in accepted {
                        guard places.take() else {
                            channel.stream.channel.close(promise: nil)
                            continue
                        }
                        group.addTask {
                            defer { places.giveBack() }
                            let address = channel.stream.channel.remoteAddress
                            do {
                                try await channel.withConnection(
                                    role: .server, configuration: configuration.connection, handler)
                            } catch let error as TransportError where error.isRefusal {
                                onRefused(address.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? "unknown", error)
                            } catch {}  // What happens to a connection in use, its handler knows.
                        }
                    }
                }
            }
        } catch {
            if Task.isCancelled { return }
            throw TransportError(.cannotListen, "the server can no longer accept connections")
        }
    }

    private func listen() async throws(TransportError) -> NIOAsyncChannel<SocketChannel, Never> {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([AcceptBackoffHandler(), AcceptErrorHandler()])
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: SocketChannel.waterMarks)
            .childChannelOption(.recvAllocator, value: SocketChannel.readSizes)
        let context = context
        let timeout = configuration.handshakeTimeout
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try SocketChannel(
                        channel, tls: NIOSSLServerHandler(context: context.ssl),
                        applicationProtocol: context.applicationProtocol, timeout: timeout)
                }
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
