// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedTransport

/// Connections in one process that break after so many bytes.
package enum CutTransport {
    /// The pipes of a connection that is over.
    package struct Pipes: Sendable {
        /// What the client sent through.
        package let client: CutPipe
        /// What the server sent through.
        package let server: CutPipe
    }

    /// Connects a client and a server, and runs both until both bodies are done; the connection breaks when the client has sent
    /// `up` bytes, or the server `down`. With `silence` the client's end does not break but falls silent, and calls the closure.
    ///
    /// Errors of the bodies are dropped: a broken connection is what was asked for.
    @discardableResult
    package static func withPair(
        up: Int = .max, down: Int = .max, silence: (@Sendable () -> Void)? = nil,
        client: @escaping @Sendable (any Connection) async throws -> Void,
        server: @escaping @Sendable (any Connection) async throws -> Void
    ) async -> Pipes {
        let (near, far) = InProcessPipe.makePair()
        let pipes = Pipes(client: CutPipe(near, after: up, silence: silence), server: CutPipe(far, after: down))
        let peer = ConnectionPeer(address: "in process")
        let clientEnd = MultiplexedConnection(
            pipe: pipes.client, role: .client, peer: peer, configuration: ConnectionConfiguration())
        let serverEnd = MultiplexedConnection(
            pipe: pipes.server, role: .server, peer: peer, configuration: ConnectionConfiguration())
        async let serving: Void? = try? serverEnd.run(server)
        _ = try? await clientEnd.run(client)
        _ = await serving
        return pipes
    }
}
