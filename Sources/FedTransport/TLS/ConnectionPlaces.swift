// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// Counts the connections of a server.
final class ConnectionPlaces: Sendable {
    private let free: Mutex<Int>

    init(count: Int) { free = Mutex(count) }

    /// Takes a place; false when there is none.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    /// Gives a place back.
    func giveBack() { free.withLock { $0 += 1 } }
}
