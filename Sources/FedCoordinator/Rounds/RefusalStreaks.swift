// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore

/// How often in a row each worker's update was refused, and who has been refused too often.
package struct RefusalStreaks: Equatable, Sendable {
    private let limit: Int
    private var streaks: [WorkerID: Int] = [:]

    /// Nobody has been refused; after `limit` refusals in a row a worker is to be quarantined, 0 for never.
    package init(limit: Int) {
        precondition(limit >= 0, "a limit is not negative")
        self.limit = limit
    }

    /// Goes on with an attempt at a round, whether it made a model or not; returns the refused workers that have reached the
    /// limit, with the last reason. One that is released has as many again.
    package mutating func roundClosed(accepted: [WorkerID], refused: [RefusedUpdate]) -> [RefusedUpdate] {
        for worker in accepted { streaks[worker] = nil }
        guard limit > 0 else { return [] }
        return refused.filter { update in
            let streak = streaks[update.worker, default: 0] + 1
            streaks[update.worker] = streak
            return streak.isMultiple(of: limit)
        }
    }
}
