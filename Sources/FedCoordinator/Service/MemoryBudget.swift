// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A number of bytes that tasks share, first come first served, so that what peers send never exceeds it.
actor MemoryBudget {
    private let total: Int
    private var free: Int
    private var waiting: [(bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// A budget of `bytes`, at least 1.
    init(bytes: Int) {
        precondition(bytes >= 1, "a budget is not empty")
        total = bytes
        free = bytes
    }

    /// Runs `body` while `bytes` of the budget, or all of it if it is smaller, are set aside.
    nonisolated func withBytes<Result: Sendable>(_ bytes: Int, _ body: () async -> Result) async -> Result {
        let share = min(max(0, bytes), total)
        await take(share)
        let result = await body()
        await giveBack(share)
        return result
    }

    private func take(_ bytes: Int) async {
        if waiting.isEmpty, bytes <= free {
            free -= bytes
        } else {
            await withCheckedContinuation { waiting.append((bytes, $0)) }
        }
    }

    private func giveBack(_ bytes: Int) {
        free += bytes
        while let first = waiting.first, first.bytes <= free {
            free -= first.bytes
            waiting.removeFirst().continuation.resume()
        }
    }
}
