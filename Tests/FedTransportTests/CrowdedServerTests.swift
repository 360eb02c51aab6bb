// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import Glibc
import NIOCore
import NIOEmbedded
import Testing

/// A server whose port is stormed by clients that say nothing.
@Suite(.timeLimit(.minutes(5))) struct CrowdedServerTests {
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

    /// Strangers that hold all places lose the oldest one to a worker, which completes its handshake.
    @Test func silentStrangersMakeRoom() async throws {
        let server = try TestServer.server(handshakeTimeout: .seconds(3600), maximumConnections: 8)
        try await TestServer.listening(server) {
            await Self.greet($0)
        } while: { port in
            var strangers = BareSockets()
            for _ in 0..<8 {
                let isConnected = strangers.connect(to: port)
                #expect(isConnected)
            }
            let reason = try await TestServer.client(port: port).withConnection { try await $0.nextReason() }
            #expect(reason == "welcome")
            let stillThere = strangers.count
            #expect(stillThere == 8)
        }
    }

    /// Whoever has completed the handshake keeps its place: then it is the newcomer who is turned away.
    @Test func workersKeepTheirPlaces() async throws {
        let server = try TestServer.server(maximumConnections: 1)
        let refused = Mailbox<TransportError, Never>()
        let port = Mailbox<Int, Never>()
        let serving = Task {
            try await server.run(onListening: { port.post($0) }, onRefused: { refused.post($1) }) {
                await Self.greet($0)
            }
        }
        let taken = try #require(await port.next())
        try await TestServer.client(port: taken).withConnection { connection in
            let reason = try await connection.nextReason()
            #expect(reason == "welcome")
            await #expect(throws: TransportError.self) {
                try await TestServer.client(port: taken).withConnection { try await $0.nextReason() }
            }
            let refusal = try #require(await refused.next())
            #expect(refusal.message.contains("all 1 places"), "\(refusal)")
            try await connection.send(try Samples.decline("still here"))
        }
        serving.cancel()
        try await serving.value
    }

    /// Without file descriptors connections wait, which is said once and not at every attempt.
    @Test func whatCannotBeAcceptedIsSaid() throws {
        let said = Mailbox<TransportError, Never>()
        let channel = EmbeddedChannel(handler: AcceptErrorHandler { said.post($0) })
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
        for _ in 0..<3 { channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept")) }
        try channel.throwIfErrorCaught()
        let messages = said.drain().map(\.message)
        #expect(messages.count == 1 && messages[0].contains("ulimit -n"), "\(messages)")
        _ = try channel.finish()
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
