// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Runs long computations on a thread of their own, so that they never hold up the tasks of the cooperative pool.
package enum OwnThread {
    /// Runs `body` on a new thread named `name` and returns or throws what it does.
    package static func run<Result: Sendable>(
        named name: String, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
            thread.name = name
            thread.stackSize = 4 << 20
            thread.start()
        }
    }
}
