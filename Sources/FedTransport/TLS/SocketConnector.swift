// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Connects to a server.
struct SocketConnector {
    let configuration: TLSClient.Configuration
    let context: TLSContext

    func withConnection<Result: Sendable>(
        _ body: @Sendable (any Connection) async throws -> Result
    ) async throws -> Result {
        // A server that does not accept the client's certificate says so only after the client believes the handshake
        // complete. Writing before the server was heard could destroy that answer, so the client waits for it.
        try await connect().withConnection(
            role: .client, configuration: configuration.connection, awaitingGreeting: configuration.connectTimeout,
            body)
    }

    func connect() async throws(TransportError) -> SocketChannel {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: SocketChannel.waterMarks)
            .channelOption(.recvAllocator, value: SocketChannel.readSizes)
        let context = context
        let configuration = configuration
        do {
            return try await bootstrap.connect(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try SocketChannel(
                        channel, tls: try Self.handler(context, host: configuration.host),
                        applicationProtocol: context.applicationProtocol, timeout: configuration.connectTimeout)
                }
            }
        } catch {
            throw TransportError(
                .unreachable,
                "nobody answers at \(configuration.host):\(configuration.port): is the coordinator running, and is the "
                    + "address right?")
        }
    }

    private static func handler(_ context: TLSContext, host: String) throws -> NIOSSLClientHandler {
        // An address is not a name: TLS then checks the certificate against the address itself.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let name = isAddress ? nil : host
        guard let verify = context.verifyChain else {
            return try NIOSSLClientHandler(context: context.ssl, serverHostname: name)
        }
        return try NIOSSLClientHandler(context: context.ssl, serverHostname: name) { chain, verdict in
            let documents = chain.compactMap { try? $0.toDERBytes() }
            guard documents.count == chain.count else { return verdict.succeed(.failed) }
            Task { verdict.succeed(await verify(documents) ? .certificateVerified : .failed) }
        }
    }
}
