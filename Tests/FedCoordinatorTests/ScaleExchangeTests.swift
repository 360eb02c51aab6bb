// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import Testing

@Suite struct ScaleExchangeTests {
    private let a: WorkerID
    private let b: WorkerID
    private let c: WorkerID

    init() throws {
        a = try WorkerID("a")
        b = try WorkerID("b")
        c = try WorkerID("c")
    }

    @Test func theLargestOfEachTensorStands() throws {
        var exchange = ScaleExchange(count: 2)
        let isSettled1 = exchange.settle(awaited: [], isLate: true)
        #expect(!isSettled1, "without a report there is nothing to agree on")
        try exchange.report([1, 0], by: a)
        let isSettled2 = exchange.settle(awaited: [a, b], isLate: false)
        #expect(!isSettled2)
        try exchange.report([0.5, 3], by: b)
        let isSettled3 = exchange.settle(awaited: [a, b], isLate: false)
        #expect(isSettled3)
        #expect(exchange.agreed == [1, 3])
        try exchange.report([9, 9], by: c)
        let isSettled4 = exchange.settle(awaited: [c], isLate: true)
        #expect(!isSettled4)
        #expect(exchange.agreed == [1, 3], "who is late gets the scales as they are")
    }

    @Test func nobodyIsWaitedForWhoIsGoneOrLate() throws {
        var gone = ScaleExchange(count: 1)
        try gone.report([1], by: a)
        let isSettled5 = gone.settle(awaited: [a], isLate: false)
        #expect(isSettled5)
        var late = ScaleExchange(count: 1)
        try late.report([1], by: a)
        let isSettled6 = late.settle(awaited: [a, b], isLate: true)
        #expect(isSettled6)
    }

    @Test(arguments: [[Float.nan, 1], [.infinity, 1], [2.5e38, 1], [1025, 1], [-1, 1], [1], [1, 1, 1], []])
    func badScalesSpoilNothing(_ scales: [Float]) throws {
        var exchange = ScaleExchange(count: 2)
        #expect(throws: UpdateRefusal.self) { try exchange.report(scales, by: a) }
        try exchange.report([1, 2], by: b)
        let isSettled7 = exchange.settle(awaited: [b], isLate: false)
        #expect(isSettled7)
        #expect(exchange.agreed == [1, 2])
    }

    @Test func oneScaleOutOfAllProportionIsBounded() throws {
        for order in [[a, b, c], [c, a, b], [b, c, a]] {
            var exchange = ScaleExchange(count: 3)
            for worker in order {
                try exchange.report(worker == c ? [1000, 3, 7] : worker == a ? [1, 2, 0] : [1.5, 1, 0], by: worker)
            }
            let isSettled = exchange.settle(awaited: [a, b, c], isLate: false)
            #expect(isSettled)
            #expect(exchange.agreed == [1.5 * FedCodecs.SharedScales.outlier, 3, 7])
        }
    }

    @Test func aRepeatedReportCountsOnce() throws {
        var exchange = ScaleExchange(count: 1)
        try exchange.report([1], by: a)
        try exchange.report([5], by: a)
        let isSettled8 = exchange.settle(awaited: [a], isLate: false)
        #expect(isSettled8)
        #expect(exchange.agreed == [1])
    }

    @Test func scalesOfStoredUpdatesStand() throws {
        var exchange = ScaleExchange(count: 1, agreed: [7])
        try exchange.report([9], by: a)
        let isSettled9 = exchange.settle(awaited: [a], isLate: true)
        #expect(!isSettled9)
        #expect(exchange.agreed == [7])
    }
}
