// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Testing

@Suite struct RefusalStreaksTests {
    static func refused(_ name: String) throws -> RefusedUpdate {
        RefusedUpdate(worker: try WorkerID(name), reason: "NaN")
    }

    @Test func theLimitIsReachedInARowOnly() throws {
        let (a, b) = (try Self.refused("a"), try Self.refused("b"))
        var streaks = RefusalStreaks(limit: 3)
        #expect(streaks.roundClosed(accepted: [], refused: [a, b]).isEmpty)
        #expect(streaks.roundClosed(accepted: [], refused: [a, b]).isEmpty)
        #expect(streaks.roundClosed(accepted: [b.worker], refused: []).isEmpty)
        #expect(streaks.roundClosed(accepted: [], refused: [a, b]) == [a])
        // Rounds that went without it change nothing, and after a release it has as many again.
        #expect(streaks.roundClosed(accepted: [], refused: []).isEmpty)
        #expect(streaks.roundClosed(accepted: [], refused: [a]).isEmpty)
        #expect(streaks.roundClosed(accepted: [], refused: [a, b]).isEmpty)
        #expect(streaks.roundClosed(accepted: [], refused: [a, b]) == [a, b])
    }

    @Test func withoutALimitNobodyIsQuarantined() throws {
        var streaks = RefusalStreaks(limit: 0)
        for _ in 0..<100 { #expect(streaks.roundClosed(accepted: [], refused: [try Self.refused("a")]).isEmpty) }
    }
}
