// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension TLSClient {
    /// Connects and hands out the bare bytes; for tests that play a peer which breaks the protocol.
    package func withPipe<Result: Sendable>(
        _ body: @Sendable (any FramePipe) async throws -> Result
    ) async throws -> Result {
        try await SocketConnector(configuration: configuration, context: context).connect()
            .withPipe { pipe, _ in try await body(pipe) }
    }
}
