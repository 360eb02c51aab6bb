// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Accepts connections over TLS 1.3.
public struct TLSServer: Sendable {
    /// Where to listen and whom to let in.
    public struct Configuration: Sendable {
        /// The name or address to listen at, as in `0.0.0.0`.
        public var host: String
        /// The port to listen at; 0 takes a free one.
        public var port: Int
        /// The server's certificate and key.
        public var identity: TLSIdentity
        /// Whom to let in.
        public var clients: ClientTrust
        /// How to treat connections.
        public var connection: ConnectionConfiguration
        /// How long a client may take for the handshake.
        public var handshakeTimeout: Duration
        /// No more connections at once; a further one takes the place of the oldest whose handshake is not done, or is closed.
        public var maximumConnections: Int

        /// A configuration with every default visible.
        public init(
            host: String = "0.0.0.0", port: Int, identity: TLSIdentity, clients: ClientTrust,
            connection: ConnectionConfiguration = ConnectionConfiguration(), handshakeTimeout: Duration = .seconds(10),
            maximumConnections: Int = 20_000
        ) {
            self.host = host
            self.port = port
            self.identity = identity
            self.clients = clients
            self.connection = connection
            self.handshakeTimeout = handshakeTimeout
            self.maximumConnections = maximumConnections
        }
    }

    let configuration: Configuration
    let context: TLSContext

    /// Throws `TransportError.invalidIdentity` when a certificate or the key is unusable.
    public init(_ configuration: Configuration) throws(TransportError) {
        self.configuration = configuration
        context = try TLSContext(server: configuration.identity, clients: configuration.clients)
    }

    /// Listens until the task is cancelled, and hands each connection to `handler`; the connection ends with the handler.
    ///
    /// `onListening` is told the port, `onRefused` who was turned away before or in the handshake and why, `onBlocked` that
    /// connections cannot be accepted for want of file descriptors, and have to wait. When the task is cancelled, the server stops listening, the handlers' tasks are
    /// cancelled, the peers are told that the server shuts down, and `run` returns when all handlers have. Throws
    /// `TransportError.cannotListen` when the address is taken. A connection that fails before it is usable is dropped.
    public func run(
        onListening: @Sendable (_ port: Int) async -> Void,
        onRefused: @escaping @Sendable (_ address: String, TransportError) -> Void = { _, _ in },
        onBlocked: @escaping @Sendable (TransportError) -> Void = { _ in },
        handler: @escaping @Sendable (any Connection) async -> Void
    ) async throws(TransportError) {
        try await SocketListener(configuration: configuration, context: context)
            .run(onListening: onListening, onRefused: onRefused, onBlocked: onBlocked, handler: handler)
    }
}
