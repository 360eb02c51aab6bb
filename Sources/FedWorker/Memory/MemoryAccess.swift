// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// Lets one thread at a time use a worker's memory files.
final class MemoryAccess: Sendable {
    private let lock = Mutex(())

    /// Runs `body` when nobody else is at it.
    func withLock<Result: Sendable>(_ body: () throws -> sending Result) rethrows -> sending Result {
        try lock.withLock { _ in try body() }
    }
}
