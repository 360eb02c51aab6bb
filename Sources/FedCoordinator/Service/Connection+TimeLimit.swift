// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedTransport
internal import FedWire

extension Connection {
    /// Runs `body`, and closes the connection if it takes longer than `seconds`, which ends every wait in `body`.
    func withTimeLimit<Result: Sendable>(
        seconds: Double, for what: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        let watch = Task {
            try await Task.sleep(for: .seconds(seconds))
            await self.close(PeerError(code: .protocolViolation, message: "no \(what) within \(Int(seconds)) s"))
        }
        defer { watch.cancel() }
        return try await body()
    }
}
