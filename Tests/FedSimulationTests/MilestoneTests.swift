// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedSimulation
import Foundation
import Synchronization
import Testing

@Suite struct MilestoneTests {
    /// Two threads in turn, each waiting for the other, so that every wait is met spinning, asleep or in between.
    ///
    /// Threads of their own, since waiting in a task would hold up the tasks that it waits for.
    @Test(arguments: [0, 20_000, 200_000]) func nobodyIsForgotten(pause: Int) {
        let rounds = pause == 0 ? 5_000 : 200
        let (ping, pong) = (Milestone(), Milestone())
        let sum = Atomic(0)
        Thread.detachNewThread {
            for round in 1...rounds {
                ping.wait(for: round)
                sum.add(round, ordering: .relaxed)
                pong.advance()
            }
        }
        for round in 1...rounds {
            var idle = SeededGenerator(key: UInt64(round))
            for _ in 0..<pause { _ = idle.next() }
            ping.advance()
            pong.wait(for: round)
            #expect(sum.load(ordering: .relaxed) == round * (round + 1) / 2)
        }
    }

    @Test func everySleeperIsWoken() async throws {
        let (begun, finished) = (Milestone(), Milestone())
        for _ in 1...4 {
            Thread.detachNewThread {
                begun.wait(for: 1)
                finished.advance()
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        begun.advance()
        finished.wait(for: 4)
    }
}
