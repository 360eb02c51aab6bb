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
        let isSettled1 = exchange.settle(awaited: [a], enough: 1)
        #expect(!isSettled1, "without a report there is nothing to agree on")
        try exchange.report([1, 0], by: a)
        let isSettled2 = exchange.settle(awaited: [a, b], enough: 3)
        #expect(!isSettled2)
        try exchange.report([0.5, 3], by: b)
        let isSettled3 = exchange.settle(awaited: [a, b], enough: 3)
        #expect(isSettled3)
        #expect(exchange.agreed == [1, 3])
        try exchange.report([9, 9], by: c)
        let isSettled4 = exchange.settle(awaited: [c], enough: 1)
        #expect(!isSettled4)
        #expect(exchange.agreed == [1, 3], "who is late gets the scales as they are")
    }

    @Test func nobodyIsWaitedForWhoIsGone() throws {
        var gone = ScaleExchange(count: 1)
        try gone.report([1], by: a)
        let isSettled5 = gone.settle(awaited: [a], enough: 2)
        #expect(isSettled5)
    }

    /// Who reports at once must not decide for those that train for more than half of the deadline.
    @Test(arguments: [0, 1024] as [Float]) func oneReportIsNotEnoughForARoundThatNeedsMore(_ first: Float) throws {
        let plan = try RoundEngineTests.plan(workers: 3, quorum: 2)
        let late = ScaleExchange.enough(of: plan, isLate: true)
        var exchange = ScaleExchange(count: 1)
        try exchange.report([first], by: c)
        let isSettledByOne = exchange.settle(awaited: [a, b, c], enough: late)
        #expect(!isSettledByOne)
        try exchange.report([1], by: a)
        let isSettledEarly = exchange.settle(awaited: [a, b, c], enough: ScaleExchange.enough(of: plan, isLate: false))
        #expect(!isSettledEarly)
        let isSettledByTwo = exchange.settle(awaited: [a, b, c], enough: late)
        #expect(isSettledByTwo)
        #expect(exchange.agreed == [first == 0 ? 1 : FedCodecs.SharedScales.outlier])
    }

    @Test func stragglersInExcessAreNotWaitedFor() throws {
        let plan = try RoundEngineTests.plan(workers: 3, quorum: 1, wanted: 2)
        var exchange = ScaleExchange(count: 1)
        try exchange.report([1], by: a)
        let isSettledByOne = exchange.settle(
            awaited: [a, b, c], enough: ScaleExchange.enough(of: plan, isLate: false))
        #expect(!isSettledByOne)
        try exchange.report([2], by: b)
        let isSettledByTwo = exchange.settle(
            awaited: [a, b, c], enough: ScaleExchange.enough(of: plan, isLate: false))
        #expect(isSettledByTwo)
        #expect(exchange.agreed == [2])
    }

    @Test(arguments: [[Float.nan, 1], [.infinity, 1], [2.5e38, 1], [1025, 1], [-1, 1], [1], [1, 1, 1], []])
    func badScalesSpoilNothing(_ scales: [Float]) throws {
        var exchange = ScaleExchange(count: 2)
        #expect(throws: UpdateRefusal.self) { try exchange.report(scales, by: a) }
        try exchange.report([1, 2], by: b)
        let isSettled7 = exchange.settle(awaited: [b], enough: 2)
        #expect(isSettled7)
        #expect(exchange.agreed == [1, 2])
    }

    @Test func oneScaleOutOfAllProportionIsBounded() throws {
        for order in [[a, b, c], [c, a, b], [b, c, a]] {
            var exchange = ScaleExchange(count: 3)
            for worker in order {
                try exchange.report(worker == c ? [1000, 3, 7] : worker == a ? [1, 2, 0] : [1.5, 1, 0], by: worker)
            }
            let isSettled = exchange.settle(awaited: [a, b, c], enough: 3)
            #expect(isSettled)
            #expect(exchange.agreed == [1.5 * FedCodecs.SharedScales.outlier, 3, 7])
        }
    }

    @Test func ofTwoScalesTheSmallerBoundsTheLarger() throws {
        for order in [[a, b], [b, a]] {
            var exchange = ScaleExchange(count: 3)
            for worker in order { try exchange.report(worker == a ? [1, 1, 0] : [1024, 15, 3], by: worker) }
            let isSettled = exchange.settle(awaited: [a, b], enough: 2)
            #expect(isSettled)
            #expect(exchange.agreed == [FedCodecs.SharedScales.outlier, 15, 3])
        }
    }

    /// Zeros count for nothing: they neither erase the others' values nor lift the bound.
    @Test func zerosDoNotChangeTheScalesOfTheOthers() throws {
        var exchange = ScaleExchange(count: 3)
        try exchange.report([0, 0, 0], by: a)
        try exchange.report([1, 1, 0], by: b)
        try exchange.report([2, 1000, 0], by: c)
        let isSettled = exchange.settle(awaited: [a, b, c], enough: 3)
        #expect(isSettled)
        #expect(exchange.agreed == [2, FedCodecs.SharedScales.outlier, 0])
    }

    /// With few examples each, most workers have next to no gradient and a few nearly all of it, which is not to be cut off;
    /// an eighth of the workers alone does not count for that.
    @Test(
        arguments: [([0.5, 0.4, 0.3], 0.5), ([1024, 1024, 0.3], 16 * 0.3), ([1024, 0.02, 0.01], 16 * 0.01)]
            as [([Float], Float)])
    func scalesOfFewWorkersMaySpreadWide(_ largest: [Float], _ agreed: Float) throws {
        var exchange = ScaleExchange(count: 1)
        for number in 0..<16 {
            let scale = number < largest.count ? largest[number] : 1e-6
            try exchange.report([scale], by: try WorkerID("w\(number)"))
        }
        let isSettled = exchange.settle(awaited: [], enough: 16)
        #expect(isSettled)
        #expect(exchange.agreed == [agreed])
    }

    @Test func aRepeatedReportCountsOnce() throws {
        var exchange = ScaleExchange(count: 1)
        try exchange.report([1], by: a)
        try exchange.report([5], by: a)
        let isSettled8 = exchange.settle(awaited: [a], enough: 2)
        #expect(isSettled8)
        #expect(exchange.agreed == [1])
    }

    @Test func scalesOfStoredUpdatesStand() throws {
        var exchange = ScaleExchange(count: 1, agreed: [7])
        try exchange.report([9], by: a)
        let isSettled9 = exchange.settle(awaited: [a], enough: 1)
        #expect(!isSettled9)
        #expect(exchange.agreed == [7])
    }
}
