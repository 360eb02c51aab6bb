// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

/// What every aggregator promises.
@Suite struct AggregatorLawsTests {
    /// Those that add changes up while they arrive.
    static let aggregators: [any Aggregator] = [
        WeightedMeanAggregator(), WeightedMeanAggregator(valueBound: 8), SignVoteAggregator(step: 0.5),
    ]
    /// All rules there are, with settings that twelve workers are enough for.
    static let rules: [AggregatorSpec] =
        AggregatorSpec.Name.allCases.map { AggregatorSpec(name: $0) } + [
            AggregatorSpec(name: .trimmedMean, trim: 2), AggregatorSpec(name: .krum, attackers: 2),
            AggregatorSpec(name: .multiKrum, attackers: 2, keep: 4), AggregatorSpec(name: .bulyan, attackers: 2),
            AggregatorSpec(name: .normClipping, bound: 0.5),
        ]

    @Test(arguments: rules, [0, 1, 2, 3, 5, 17, 1000])
    func orderDoesNotMatter(_ rule: AggregatorSpec, _ size: Int) throws {
        try rule.validate()
        #expect(rule.aggregator.name == rule.name.rawValue)
        var generator = SeededGenerator(key: 2)
        for levels in [false, true] {
            var contributions = Contribution.random(12, of: size, key: 1, levels: levels)
            var outcomes: Set<[UInt32]> = []
            for width in [256, 256, 512, 1024] {
                let outcome = try Contribution.combined(rule.aggregator, contributions, width: width)
                #expect(outcome.count == size)
                outcomes.insert(outcome.map(\.bitPattern))
                generator.shuffle(&contributions)
            }
            #expect(outcomes.count == 1)
        }
    }

    @Test(arguments: rules) func identicalChangesGiveThatChange(_ rule: AggregatorSpec) throws {
        let change = Contribution.random(1, of: 300, key: 4)[0].change
        let outcome = try Contribution.combined(
            rule.aggregator, (0..<12).map { Contribution(worker: $0, change: change, weight: 3) })
        for (value, expected) in zip(outcome, change) {
            switch rule.name {
            case .signVote: #expect(value == (expected > 0 ? rule.step : -rule.step))
            case .normClipping where rule.bound != nil: #expect(value.sign == expected.sign)
            default: #expect(abs(value - expected) <= abs(expected) * 1e-6)
            }
        }
    }

    @Test(arguments: rules) func theSameAddedToAllIsAddedToTheOutcome(_ rule: AggregatorSpec) throws {
        guard rule.name != .signVote, rule.name != .normClipping else { return }
        let contributions = Contribution.random(12, of: 300, key: 5)
        let moved = contributions.map {
            Contribution(worker: $0.worker, change: $0.change.map { $0 + 3 }, weight: $0.weight)
        }
        let before = try Contribution.combined(rule.aggregator, contributions)
        let after = try Contribution.combined(rule.aggregator, moved)
        for (value, expected) in zip(after, before) { #expect(abs(value - expected - 3) < 1e-5) }
    }

    /// Two of twelve attack with the largest values there can be.
    @Test(arguments: rules, [Float](arrayLiteral: 1000, -1000))
    func attackersDoNotLeadBeyondTheHonest(_ rule: AggregatorSpec, _ value: Float) throws {
        let isSafe: Set<AggregatorSpec.Name> = [.median, .trimmedMean, .multiKrum, .bulyan, .krum]
        guard !isSafe.contains(rule.name) || rule.attackers == 2 || rule.trim >= 2 || rule.name == .median else {
            return
        }
        var contributions = Contribution.random(12, of: 300, key: 6)
        for index in contributions.indices { contributions[index].weight = 1 }
        let honest = Array(contributions.dropFirst(2)).map(\.change)
        for attacker in 0..<2 { contributions[attacker].change = [Float](repeating: value, count: 300) }
        let outcome = try Contribution.combined(rule.aggregator, contributions)
        let norms = honest.map { Self.norm($0) }.sorted()
        switch rule.name {
        case .weightedMean:
            #expect(abs(outcome[0]) > 100, "the mean is led wherever an attacker wants")
        case .median, .trimmedMean, .krum, .multiKrum, .bulyan:
            for (index, entry) in outcome.enumerated() {
                let values = honest.map { $0[index] }
                #expect(entry >= values.min() ?? 0 && entry <= values.max() ?? 0)
            }
        case .geometricMedian:
            let mean = honest[0].indices.map { index in honest.reduce(0) { $0 + $1[index] } / 10 }
            #expect(Self.norm(zip(outcome, mean).map { $0 - $1 }) < norms[9])
        case .normClipping: #expect(Self.norm(outcome) <= rule.bound.map { $0 * 1.0001 } ?? norms[9])
        case .signVote:
            for (index, entry) in outcome.enumerated() {
                let votes = honest.reduce(0) { $0 + ($1[index] > 0 ? 1 : -1) }
                #expect(abs(votes) <= 2 || (entry > 0) == (votes > 0))
            }
        }
    }

    static func norm(_ values: [Float]) -> Double {
        values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    private func contributions(_ count: Int, of size: Int, key: UInt64) -> [(change: [Float], weight: Int64)] {
        Contribution.random(count, of: size, key: key).map { ($0.change, $0.weight) }
    }

    @Test(arguments: rules) func refusedChangesAreNotCounted(_ rule: AggregatorSpec) throws {
        var aggregation = try rule.aggregator.begin(count: 2, weightBound: 10)
        try aggregation.add([1, -2], weight: 3)
        let refused: [([Float], Int64, CoreError.Code)] = [
            ([1], 1, .countMismatch), ([.nan, 0], 1, .valueOutOfRange), ([0, -.infinity], 1, .valueOutOfRange),
            ([2000, 0], 1, .valueOutOfRange), ([0, 0], 0, .weightOutOfRange), ([0, 0], 8, .weightOutOfRange),
            ([0, 0], .max, .weightOutOfRange),
        ]
        for (change, weight, code) in refused {
            #expect(throws: CoreError(code, "")) { try aggregation.add(change, weight: weight) }
        }
        #expect(aggregation.contributions == 1)
        #expect(aggregation.totalWeight == 3)
        #expect(aggregation.parameterCount == 2)
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
        #expect(aggregation.finish() == (aggregation is SignVoteAggregation ? [0.5, -0.5] : [1, -2]))
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
        let expected = aggregation is SignVoteAggregation ? [0.5, -0.5, 0, 0.5] : change
        #expect(aggregation.finish() == expected)
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
