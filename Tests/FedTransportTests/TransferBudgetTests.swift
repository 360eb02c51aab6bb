// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct TransferBudgetTests {
    @Test func whoComesFirstIsServedFirst() async {
        let budget = TransferBudget(byteCount: 100_000)
        #expect(await budget.take(90_000) == 90_000)
        let large = Task { await budget.take(50_000) }
        while budget.waiting < 1 { await Task.yield() }
        // This one would fit at once, but the other was there before.
        let small = Task { await budget.take(5_000) }
        while budget.waiting < 2 { await Task.yield() }
        #expect(budget.available == 10_000)
        budget.giveBack(90_000)
        #expect(await large.value == 50_000)
        #expect(await small.value == 5_000)
        #expect(budget.available == 45_000)
    }

    @Test func moreThanThereIsTakesAll() async {
        let budget = TransferBudget(byteCount: 70_000)
        #expect(await budget.take(1_000_000) == 70_000)
        #expect(budget.available == 0)
        budget.giveBack(70_000)
        #expect(budget.available == 70_000)
    }

    @Test func aCancelledTaskLetsTheNextOneThrough() async {
        let budget = TransferBudget(byteCount: 100_000)
        #expect(await budget.take(60_000) == 60_000)
        let large = Task { await budget.take(80_000) }
        while budget.waiting < 1 { await Task.yield() }
        let small = Task { await budget.take(40_000) }
        while budget.waiting < 2 { await Task.yield() }
        large.cancel()
        #expect(await large.value == nil)
        #expect(await small.value == 40_000)
        #expect(budget.available == 0)
    }
}
