// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// A number of bytes that several tasks add to.
final class ByteCounter: Sendable {
    private let count = Mutex(0)

    /// What was added up.
    var value: Int { count.withLock { $0 } }

    /// Adds bytes.
    func add(_ bytes: Int) { count.withLock { $0 += bytes } }
}
