// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import Synchronization

/// A TLS server for one test.
enum TestServer {
    static func server(
        identity: TLSIdentity = TestAuthority.federation.server(),
        clients: ClientTrust = .authority(TestAuthority.federation.certificate),
        configuration: ConnectionConfiguration = ConnectionConfiguration(), handshakeTimeout: Duration = .seconds(10),
        maximumConnections: Int = 1000
    ) throws -> TLSServer {
        try TLSServer(
            TLSServer.Configuration(
                host: "127.0.0.1", port: 0, identity: identity, clients: clients, connection: configuration,
                handshakeTimeout: handshakeTimeout, maximumConnections: maximumConnections))
    }

    static func client(
        port: Int, host: String = "127.0.0.1", identity: TLSIdentity? = TestAuthority.federation.client("worker-1"),
        trust: ServerTrust = .authority(TestAuthority.federation.certificate),
        configuration: ConnectionConfiguration = ConnectionConfiguration()
    ) throws -> TLSClient {
        try TLSClient(
            TLSClient.Configuration(
                host: host, port: port, identity: identity, trust: trust, connection: configuration))
    }

    /// Serves one client with `handler`; both must be done before this returns. The first error is thrown.
    static func run(
        configuration: ConnectionConfiguration = ConnectionConfiguration(),
        handler: @escaping @Sendable (any Connection) async throws -> Void,
        client: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (outcomes, report) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        try await listening(try server(configuration: configuration)) { connection in
            do {
                try await handler(connection)
                report.yield(.success(()))
            } catch { report.yield(.failure(error)) }
        } while: { port in
            try await client(port)
            for await outcome in outcomes {
                try outcome.get()
                break
            }
        }
    }

    /// Runs a server as long as `body` takes.
    static func listening<Value: Sendable>(
        _ server: TLSServer, handler: @escaping @Sendable (any Connection) async -> Void,
        while body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run(onListening: { port.yield($0) }, handler: handler)
            }
            for await port in ports {
                do {
                    let value = try await body(port)
                    group.cancelAll()
                    try await group.waitForAll()
                    return value
                } catch {
                    group.cancelAll()
                    throw error
                }
            }
            try await group.waitForAll()
            throw TransportError(.cannotListen, "the server ended before it listened")
        }
    }
}
