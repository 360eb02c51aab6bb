// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Crypto
import FedTransport
import FedWire
import Testing

/// Who gets in over TLS, and what the other side is told.
@Suite(.timeLimit(.minutes(5))) struct TLSTests {
    /// Serves connections by saying the first certificate's length, while `body` runs.
    private static func serving(
        _ server: TLSServer, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await TestServer.listening(server) { connection in
            let count = connection.peer.certificateChain.first?.count ?? 0
            guard let message = try? Samples.decline("\(count)") else { return }
            try? await connection.send(message)
            _ = try? await connection.nextMessage()
        } while: { port in
            try await body(port)
        }
    }

    private static func outcome(_ client: TLSClient) async -> TransportError? {
        do {
            try await client.withConnection { _ = try await $0.nextMessage() }
            return nil
        } catch { return error as? TransportError }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func aWorkerOfTheFederationGetsIn(host: String) async throws {
        let identity = TestAuthority.federation.client("worker-1")
        try await Self.serving(try TestServer.server()) { port in
            try await TestServer.client(port: port, host: host, identity: identity).withConnection { connection in
                let reason = try await connection.nextReason()
                #expect(reason == "\(identity.certificateChain[0].count)")
                #expect(connection.peer.certificateChain.count == 1)
                #expect(connection.peer.address.hasSuffix(":\(port)"))
            }
        }
    }

    @Test func aStrangersCertificateIsRefused() async throws {
        try await Self.serving(try TestServer.server()) { port in
            for _ in 0..<20 {
                let client = try TestServer.client(port: port, identity: TestAuthority.stranger.client("worker-1"))
                #expect(await Self.outcome(client)?.code == .certificateRefused)
            }
        }
    }

    @Test func noCertificateIsRefused() async throws {
        try await Self.serving(try TestServer.server()) { port in
            for _ in 0..<20 {
                let error = await Self.outcome(try TestServer.client(port: port, identity: nil))
                #expect(error?.code == .certificateRefused)
                #expect(error?.isPassing == false)
            }
        }
    }

    @Test func aServersCertificateDoesNotMakeAWorker() async throws {
        try await Self.serving(try TestServer.server()) { port in
            let client = try TestServer.client(port: port, identity: TestAuthority.federation.server())
            #expect(await Self.outcome(client)?.code == .certificateRefused)
        }
    }

    @Test func aStrangeServerIsNotTrusted() async throws {
        try await Self.serving(try TestServer.server(identity: TestAuthority.stranger.server())) { port in
            let error = await Self.outcome(try TestServer.client(port: port))
            #expect(error?.code == .peerNotTrusted)
            #expect(error?.isPassing == false)
        }
    }

    @Test(arguments: [("localhost", "elsewhere.example"), ("127.0.0.1", "localhost")])
    func aServerForAnotherNameIsNotTrusted(host: String, name: String) async throws {
        let identity = TestAuthority.federation.server(names: [name], isLocal: false)
        try await Self.serving(try TestServer.server(identity: identity)) { port in
            let error = await Self.outcome(try TestServer.client(port: port, host: host))
            #expect(error?.code == .peerNotTrusted)
        }
    }

    @Test func nobodyIsUnreachable() async throws {
        let port = Mailbox<Int, Never>()
        try await Self.serving(try TestServer.server()) { port.post($0) }
        let free = try #require(await port.next())
        let error = await Self.outcome(try TestServer.client(port: free))
        #expect(error?.code == .unreachable)
        #expect(error?.isPassing == true)
    }

    @Test func aTakenPortIsNamed() async throws {
        try await Self.serving(try TestServer.server()) { port in
            let second = try TLSServer(
                TLSServer.Configuration(
                    host: "127.0.0.1", port: port, identity: TestAuthority.federation.server(), clients: .anybody))
            let error = await #expect(throws: TransportError.self) {
                try await second.run(onListening: { _ in }, handler: { _ in })
            }
            #expect(error?.code == .cannotListen)
            #expect(error?.message == "cannot listen at 127.0.0.1:\(port): the port is in use")
        }
    }

    @Test func enrolmentGoesByTheFingerprint() async throws {
        let server = try TestServer.server(clients: .anybody)
        let authority = TestAuthority.federation.certificate
        let fingerprint = [UInt8](SHA256.hash(data: authority))
        try await Self.serving(server) { port in
            let trust = ServerTrust.fingerprint(sha256: fingerprint) { chain in
                chain.count == 2 && chain[1] == authority
            }
            try await TestServer.client(port: port, identity: nil, trust: trust).withConnection { connection in
                let reason = try await connection.nextReason()
                #expect(reason == "0")
            }
            let doubtful = ServerTrust.fingerprint(sha256: fingerprint) { _ in false }
            let refusal = await Self.outcome(try TestServer.client(port: port, identity: nil, trust: doubtful))
            #expect(refusal?.code == .peerNotTrusted)
            let other = ServerTrust.fingerprint(sha256: [UInt8](repeating: 0, count: 32)) { _ in true }
            let mismatch = await Self.outcome(try TestServer.client(port: port, identity: nil, trust: other))
            #expect(mismatch?.code == .peerNotTrusted)
        }
    }

    @Test func aWorkerAtTheEnrolmentPortIsIncompatible() async throws {
        try await Self.serving(try TestServer.server(clients: .anybody)) { port in
            let error = await Self.outcome(try TestServer.client(port: port))
            #expect(error?.code == .incompatible)
        }
    }

    @Test func unusableDocumentsAreNamed() throws {
        var identity = TestAuthority.federation.client("worker-1")
        identity.privateKey = TestAuthority.federation.client("worker-1").privateKey
        #expect(throws: TransportError(.invalidIdentity, "")) { try TestServer.client(port: 1, identity: identity) }
        identity.privateKey = [1, 2, 3]
        #expect(throws: TransportError(.invalidIdentity, "")) { try TestServer.client(port: 1, identity: identity) }
        #expect(throws: TransportError(.invalidIdentity, "")) {
            try TestServer.client(port: 1, trust: .authority([1, 2, 3]))
        }
    }

    @Test func aServerThatShutsDownSaysSo() async throws {
        let server = try TestServer.server()
        let port = Mailbox<Int, Never>()
        let hasConnected = Latch()
        let serving = Task {
            try await server.run(onListening: { port.post($0) }) { connection in
                hasConnected.open()
                _ = try? await connection.nextMessage()
            }
        }
        let taken = try #require(await port.next())
        let client = try TestServer.client(port: taken)
        try await client.withConnection { connection in
            await hasConnected.wait()
            serving.cancel()
            guard case .peerError(let error)? = try await connection.nextMessage()?.message else {
                Issue.record("no reason came")
                return
            }
            #expect(error.code == .shuttingDown)
        }
        try await serving.value
    }
}
