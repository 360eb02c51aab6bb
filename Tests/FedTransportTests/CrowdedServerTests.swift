// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import Testing

/// A server whose port is stormed by clients that say nothing.
@Suite(.timeLimit(.minutes(1))) struct CrowdedServerTests {
    private static func greet(_ connection: any Connection) async {
        guard let message = try? Samples.decline("welcome") else { return }
        try? await connection.send(message)
        _ = try? await connection.nextMessage()
    }

    private static func storm(_ port: Int, count: Int) -> Int {
        var sockets = BareSockets()
        for _ in 0..<count {
            if !sockets.connect(to: port) { break }
        }
        return sockets.count
    }

    @Test func connectionsTooManyAreClosedAndTheServerGoesOn() async throws {
        let server = try TestServer.server(maximumConnections: 8)
        try await TestServer.listening(server) {
            await Self.greet($0)
        } while: { port in
            #expect(Self.storm(port, count: 300) == 300)
            let client = try TestServer.client(port: port)
            while true {
                do {
                    let reason = try await client.withConnection { try await $0.nextReason() }
                    #expect(reason == "welcome")
                    return
                } catch is TransportError {
                    try await Task.sleep(for: .milliseconds(10))  // Places come back when the server sees who has gone.
                }
            }
        }
    }

    @Test(arguments: 0..<10) func aServerStopsWhileClientsConnect(step: Int) async throws {
        let server = try TestServer.server(maximumConnections: 8 << step)
        let port = Mailbox<Int, Never>()
        let serving = Task {
            try await server.run(onListening: { port.post($0) }) { await Self.greet($0) }
        }
        let taken = try #require(await port.next())
        let storming = Task.detached { Self.storm(taken, count: 300) }
        for _ in 0..<step { await Task.yield() }
        #expect(Self.storm(taken, count: 10 * step) == 10 * step)
        serving.cancel()
        try await serving.value
        _ = await storming.value
    }
}
