// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import FedWire

/// The implementations that obey the same laws.
enum TransportUnderTest: CaseIterable, Sendable {
    case inProcess
    case tls

    /// Runs a client and a server against each other until both are done.
    func withPair(
        clientConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        serverConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        client: @escaping @Sendable (any Connection) async throws -> Void,
        server: @escaping @Sendable (any Connection) async throws -> Void
    ) async throws {
        switch self {
        case .inProcess:
            try await InProcessTransport.withPair(
                clientConfiguration: clientConfiguration, serverConfiguration: serverConfiguration, client: client,
                server: server)
        case .tls:
            try await TestServer.run(configuration: serverConfiguration, handler: server) { port in
                try await TestServer.client(port: port, configuration: clientConfiguration).withConnection(client)
            }
        }
    }

    /// Runs a server against a client that writes whatever bytes it likes.
    func withRawClient(
        serverConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        client: @escaping @Sendable (RawPeer) async throws -> Void,
        server: @escaping @Sendable (any Connection) async throws -> Void
    ) async throws {
        switch self {
        case .inProcess:
            let (near, far) = InProcessPipe.makePair()
            let connection = MultiplexedConnection(
                pipe: far, role: .server, peer: ConnectionPeer(address: "raw"), configuration: serverConfiguration)
            async let serving: Void = connection.run(server)
            try await RawPeer.run(near, client)
            try await serving
        case .tls:
            try await TestServer.run(configuration: serverConfiguration, handler: server) { port in
                try await TestServer.client(port: port).withPipe { pipe in try await RawPeer.run(pipe, client) }
            }
        }
    }
}
