// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedTransport
internal import FedWire

extension Connection {
    /// Runs `body`, and closes the connection if it takes longer than `seconds`, which ends every wait in `body`.
    ///
    /// In a task of its own, whose memory goes with it: that of a session stays as long as the session.
    func withTimeLimit<Result: Sendable>(
        seconds: Double, for what: String, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                await self.close(PeerError(code: .protocolViolation, message: "no \(what) within \(Int(seconds)) s"))
                return nil
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let outcome { return outcome }
            }
            throw CancellationError()
        }
    }
}
