// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Pairs of connections inside one process, with the same frames and the same rules as over TLS.
public enum InProcessTransport {
    /// Connects a client and a server, and runs both until both bodies are done.
    ///
    /// A connection closes when its body is done. Throws what a body throws; the client's error first.
    public static func withPair(
        clientConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        serverConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        clientPeer: ConnectionPeer = ConnectionPeer(address: "in process"),
        client: @escaping @Sendable (any Connection) async throws -> Void,
        server: @escaping @Sendable (any Connection) async throws -> Void
    ) async throws {
        let (clientPipe, serverPipe) = InProcessPipe.makePair()
        let clientEnd = MultiplexedConnection(
            pipe: clientPipe, role: .client, peer: ConnectionPeer(address: "in process"),
            configuration: clientConfiguration)
        let serverEnd = MultiplexedConnection(
            pipe: serverPipe, role: .server, peer: clientPeer, configuration: serverConfiguration)
        async let serving: Void = serverEnd.run(server)
        do { try await clientEnd.run(client) } catch {
            try? await serving
            throw error
        }
        try await serving
    }
}
