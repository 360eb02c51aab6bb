// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

/// What every aggregator promises.
@Suite struct AggregatorLawsTests {
    static let aggregators: [any Aggregator] = [WeightedMeanAggregator(), WeightedMeanAggregator(valueBound: 8)]

    private func contributions(_ count: Int, of size: Int, key: UInt64) -> [(change: [Float], weight: Int64)] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { _ in
            let weight = Int64(1 + generator.nextIndex(below: 600))
            return ((0..<size).map { _ in 2 * generator.nextUnitFloat() - 1 }, weight)
        }
    }

    @Test(arguments: aggregators.indices, [0, 1, 2, 3, 5, 17, 1000])
    func orderDoesNotMatter(_ index: Int, _ size: Int) throws {
        var contributions = contributions(12, of: size, key: 1)
        let bound = contributions.reduce(0) { $0 + $1.weight }
        var generator = SeededGenerator(key: 2)
        var outcomes: Set<[UInt32]> = []
        for _ in 0..<8 {
            var aggregation = try Self.aggregators[index].begin(count: size, weightBound: bound)
            for (change, weight) in contributions { try aggregation.add(change, weight: weight) }
            #expect(aggregation.contributions == 12)
            #expect(aggregation.totalWeight == bound)
            outcomes.insert(aggregation.finish().map(\.bitPattern))
            outcomes.insert(aggregation.takeResult().map(\.bitPattern))
            generator.shuffle(&contributions)
        }
        #expect(outcomes.count == 1)
    }

    @Test(arguments: aggregators.indices) func refusedChangesChangeNothing(_ index: Int) throws {
        var aggregation = try Self.aggregators[index].begin(count: 2, weightBound: 10)
        try aggregation.add([1, -2], weight: 3)
        let refused: [([Float], Int64, CoreError.Code)] = [
            ([1], 1, .countMismatch), ([1, 2, 3], 1, .countMismatch), ([.nan, 0], 1, .valueOutOfRange),
            ([0, -.infinity], 1, .valueOutOfRange), ([2000, 0], 1, .valueOutOfRange), ([0, 0], 0, .weightOutOfRange),
            ([0, 0], -5, .weightOutOfRange), ([0, 0], 8, .weightOutOfRange), ([0, 0], .max, .weightOutOfRange),
        ]
        for (change, weight, code) in refused {
            #expect(throws: CoreError(code, "")) { try aggregation.add(change, weight: weight) }
        }
        #expect(aggregation.contributions == 1)
        #expect(aggregation.totalWeight == 3)
        #expect(aggregation.finish() == [1, -2])
        try aggregation.add([0, 0], weight: 7)
    }

    @Test(arguments: aggregators.indices) func nothingAddedIsNoChange(_ index: Int) throws {
        #expect(try Self.aggregators[index].begin(count: 3, weightBound: 1).finish() == [0, 0, 0])
        #expect(try Self.aggregators[index].begin(count: 0, weightBound: 1).finish().isEmpty)
    }

    @Test(arguments: aggregators.indices) func oneContributionIsItself(_ index: Int) throws {
        let change: [Float] = [0.5, -1.25, 0, 7]
        var aggregation = try Self.aggregators[index].begin(count: 4, weightBound: 1000)
        try aggregation.add(change, weight: 977)
        #expect(aggregation.finish() == change)
    }

    /// Pieces of several changes, interleaved, some of which are taken out again: as if those had never come.
    @Test(arguments: aggregators.indices) func whatIsTakenOutLeavesNoTrace(_ index: Int) throws {
        let contributions = contributions(4, of: 50, key: 9)
        let bound = contributions.reduce(0) { $0 + $1.weight }
        var expected = try Self.aggregators[index].begin(count: 50, weightBound: bound)
        try expected.add(contributions[0].change, weight: contributions[0].weight)
        try expected.add(contributions[2].change, weight: contributions[2].weight)
        var aggregation = try Self.aggregators[index].begin(count: 50, weightBound: bound)
        for start in stride(from: 0, to: 50, by: 10) {
            for (change, weight) in contributions {
                try change[start..<start + 10].withUnsafeBufferPointer {
                    try aggregation.add(.dense($0, at: start), weight: weight)
                }
            }
        }
        for number in [3, 1] {
            let (change, weight) = contributions[number]
            try change.withUnsafeBufferPointer { try aggregation.add(.dense($0, at: 0), weight: -weight) }
        }
        for number in [0, 2] { try aggregation.count(weight: contributions[number].weight) }
        #expect(aggregation.finish() == expected.finish())
        #expect(aggregation.contributions == 2)
        #expect(aggregation.totalWeight == expected.totalWeight)
    }

    @Test func theMeanEqualsFloat64() throws {
        let contributions = contributions(30, of: 500, key: 5)
        let total = contributions.reduce(0) { $0 + $1.weight }
        var aggregation = try WeightedMeanAggregator().begin(count: 500, weightBound: total)
        var reference = [Double](repeating: 0, count: 500)
        for (change, weight) in contributions {
            try aggregation.add(change, weight: weight)
            for index in change.indices { reference[index] += Double(change[index]) * Double(weight) }
        }
        for (value, sum) in zip(aggregation.finish(), reference) {
            #expect(abs(Double(value) - sum / Double(total)) < 1e-6)
        }
    }

    @Test func weightsCountAsRepetitions() throws {
        var weighted = try WeightedMeanAggregator().begin(count: 3, weightBound: 10)
        try weighted.add([0.1, -0.7, 3], weight: 3)
        try weighted.add([0.2, 0.6, -1], weight: 2)
        var repeated = try WeightedMeanAggregator().begin(count: 3, weightBound: 10)
        for _ in 0..<3 { try repeated.add([0.1, -0.7, 3], weight: 1) }
        for _ in 0..<2 { try repeated.add([0.2, 0.6, -1], weight: 1) }
        #expect(weighted.finish() == repeated.finish())
    }

    @Test func tooManyExamplesAreRefusedAtTheStart() {
        #expect(throws: CoreError(.weightOutOfRange, "")) {
            try WeightedMeanAggregator().begin(count: 1, weightBound: .max)
        }
    }
}
