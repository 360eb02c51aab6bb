// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Connects to a server over TLS 1.3.
public struct TLSClient: Sendable {
    /// Where to connect to and as whom.
    public struct Configuration: Sendable {
        /// The server's name or address; its certificate must be for it.
        public var host: String
        /// The server's port.
        public var port: Int
        /// This end's certificate and key; nil for enrolment.
        public var identity: TLSIdentity?
        /// How to know the server.
        public var trust: ServerTrust
        /// How to treat the connection.
        public var connection: ConnectionConfiguration
        /// How long to wait for the network, and as long again for the handshake.
        public var connectTimeout: Duration

        /// A configuration with every default visible.
        public init(
            host: String, port: Int, identity: TLSIdentity?, trust: ServerTrust,
            connection: ConnectionConfiguration = ConnectionConfiguration(), connectTimeout: Duration = .seconds(10)
        ) {
            self.host = host
            self.port = port
            self.identity = identity
            self.trust = trust
            self.connection = connection
            self.connectTimeout = connectTimeout
        }
    }

    let configuration: Configuration
    let context: TLSContext

    /// Throws `TransportError.invalidIdentity` when a certificate or the key is unusable.
    public init(_ configuration: Configuration) throws(TransportError) {
        self.configuration = configuration
        context = try TLSContext(client: configuration.identity, trust: configuration.trust)
    }

    /// Connects, hands the connection to `body`, and closes it when `body` is done.
    ///
    /// Throws what `body` throws, or before that a `TransportError`: `unreachable` and `handshakeFailed` are worth another
    /// attempt later; `certificateRefused`, `peerNotTrusted` and `incompatible` are not.
    public func withConnection<Result: Sendable>(
        _ body: @Sendable (any Connection) async throws -> Result
    ) async throws -> Result {
        try await SocketConnector(configuration: configuration, context: context).withConnection(body)
    }
}
