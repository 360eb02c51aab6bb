// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Synchronization

/// Memory of changes for the threads of a crew: as many as were ever held at once.
final class ChangePool: Sendable {
    private let spares = Mutex<[[Float]]>([])

    /// A change of `count` values, as many as all have; what they are is left from some change before.
    func take(count: Int) -> [Float] {
        spares.withLock { $0.popLast() } ?? [Float](repeating: 0, count: count)
    }

    /// Takes one back that nobody else holds any more.
    func giveBack(_ change: [Float]) { spares.withLock { $0.append(change) } }
}
