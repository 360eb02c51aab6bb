// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation
internal import Synchronization

/// A count that only grows, and that threads wait for.
///
/// Rounds of small clients last less than waking a thread takes; so who waits looks at the count for some microseconds before
/// it goes to sleep.
package final class Milestone: Sendable {
    /// How often the count is looked at before sleeping: some 50 microseconds.
    private static let patience = 20_000

    private let count = Atomic(0)
    private let sleepers = Atomic(0)
    private let condition = NSCondition()

    /// A count of 0.
    package init() {}

    /// Adds 1 and wakes whoever waits for the new count.
    package func advance() {
        count.add(1, ordering: .sequentiallyConsistent)
        // Either this sees a sleeper, or the sleeper sees the new count: both are sequentially consistent.
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        condition.withLock { condition.broadcast() }
    }

    /// Returns once the count is at least `goal`; everything that was written before it got there is visible then.
    package func wait(for goal: Int) {
        for _ in 0..<Self.patience where count.load(ordering: .acquiring) >= goal { return }
        condition.withLock {
            sleepers.add(1, ordering: .sequentiallyConsistent)
            while count.load(ordering: .sequentiallyConsistent) < goal { condition.wait() }
            sleepers.subtract(1, ordering: .sequentiallyConsistent)
        }
    }
}
