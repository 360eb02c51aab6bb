// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

/// Slices of one network: who trains which, and how their changes are put together (Diao, Ding and Tarokh, ICLR 2021).
@Suite struct HeteroFLTests {
    static func layout(_ outputs: Int) throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "a.weight", shape: [outputs, 3, 2, 2], role: .weight),
            ParameterSpec(name: "a.bias", shape: [outputs], role: .bias),
            ParameterSpec(name: "a.running_var", shape: [outputs], role: .cleanStatistics),
            ParameterSpec(name: "b.weight", shape: [5, outputs * 3], role: .weight),
            ParameterSpec(name: "b.bias", shape: [5], role: .bias),
        ])
    }

    static func levels(_ outputs: [Int] = [1, 2, 4, 8]) throws -> [NestedLevel] {
        let last = try #require(outputs.last)
        return try outputs.map {
            try NestedLevel(width: WidthRatio($0, last), layout: layout($0), of: layout(last))
        }
    }

    static func strategy(_ levels: [NestedLevel]) throws -> Strategy {
        try StrategyRegistry.strategy(
            StrategySpec(name: "heterofl", widths: levels.map(\.width)), levels: levels)
    }

    /// Adds the slice of `change` as a worker of that level sends it: row after row.
    static func add(
        _ change: [Float], _ level: NestedLevel, weight: Int64, to sum: inout any Aggregation
    ) throws {
        let values = level.slice.gathered(from: change)
        try values.withUnsafeBufferPointer { values in
            try level.slice.forEachRun { (narrow, full, count) throws(CoreError) in
                try sum.add(
                    .dense(UnsafeBufferPointer(rebasing: values[narrow..<narrow + count]), at: full), weight: weight)
            }
        }
        if weight > 0 {
            try sum.count(weight: weight, in: .nested(level.width))
        } else {
            sum.discount(weight: -weight, in: .nested(level.width))
        }
    }

    /// Each entry is the weighted mean over those who hold it; one that nobody holds does not change, to the bit.
    @Test(arguments: 0..<60 as Range<UInt64>) func eachEntryIsTheMeanOfThoseWhoHoldIt(_ seed: UInt64) throws {
        var generator = SeededGenerator(key: seed)
        let levels = try Self.levels(seed % 3 == 0 ? [2, 3, 7] : [1, 2, 4, 8])
        let full = try #require(levels.last).slice.layout
        let strategy = try Self.strategy(levels)
        var sum = try strategy.aggregator.begin(count: full.count, weightBound: 1000)
        var (totals, weights) = (
            [Double](repeating: 0, count: full.count), [Double](repeating: 0, count: full.count)
        )
        for _ in 0..<(1 + generator.nextIndex(below: 6)) {
            let level = levels[generator.nextIndex(below: seed % 2 == 0 ? levels.count : levels.count - 1)]
            let weight = Int64(1 + generator.nextIndex(below: 20))
            // Multiples of 2^-10 are summed exactly.
            let change = (0..<full.count).map { _ in Float(generator.nextIndex(below: 4096) - 2048) / 1024 }
            try Self.add(change, level, weight: weight, to: &sum)
            for place in level.slice.gathered(from: (0..<full.count).map(Float.init)).map({ Int($0) }) {
                totals[place] += Double(change[place]) * Double(weight)
                weights[place] += Double(weight)
            }
            // What is taken out again leaves no trace.
            let other = levels[generator.nextIndex(below: levels.count)]
            try Self.add(change, other, weight: 3, to: &sum)
            try Self.add(change, other, weight: -3, to: &sum)
        }
        let means = sum.finish()
        for index in means.indices where weights[index] > 0 {
            #expect(abs(Double(means[index]) - totals[index] / weights[index]) < 1e-6)
        }
        #expect(sum.takeResult().map(\.bitPattern) == means.map(\.bitPattern))
        let start: [Float] = (0..<full.count).map { $0 % 3 == 0 ? -0.0 : Float($0) / 7 }
        var model = ServerModel(parameters: try ParameterVector(layout: full, values: start))
        try strategy.rule(rounds: 3).advance(&model, by: means, round: RoundID(1))
        for index in start.indices where weights[index] == 0 {
            #expect(model.parameters.values[index].bitPattern == start[index].bitPattern)
        }
        #expect(weights.contains(0) || model.parameters.values != start)
    }

    /// One level that everybody holds is federated averaging, to the bit.
    @Test func oneLevelIsFederatedAveraging() throws {
        let levels = try Self.levels([8])
        let full = try Self.layout(8)
        var generator = SeededGenerator(key: 4)
        var nested = try Self.strategy(levels).aggregator.begin(count: full.count, weightBound: 100)
        var plain = try StrategyRegistry.strategy(StrategySpec()).aggregator.begin(count: full.count, weightBound: 100)
        for weight in [3, 1, 7] as [Int64] {
            let change = (0..<full.count).map { _ in generator.nextUnitFloat() - 0.5 }
            try Self.add(change, levels[0], weight: weight, to: &nested)
            try plain.add(change, weight: weight)
        }
        #expect(nested.finish().map(\.bitPattern) == plain.finish().map(\.bitPattern))
        #expect(nested.contributions == 3 && nested.totalWeight == 11)
    }

    @Test func aWorkerTrainsTheWidestThatItCanAfford() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec(name: "heterofl"))
        let budgets = try [(1, 8), (1, 5), (1, 4), (3, 4), (1, 1)].map { try WidthRatio($0, $1) }
        let names = try budgets.indices.map { try WorkerID("w\($0)") }
        let plan = try strategy.plan(
            PlanContext(
                run: RunID("run"), round: RoundID(1), baseVersion: ModelVersion(0), workers: names,
                training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), seed: 7,
                budgets: Dictionary(uniqueKeysWithValues: zip(names, budgets)),
                asked: ["w1": .nested(.full)]))
        let widths = try [(1, 8), (1, 1), (1, 4), (1, 2), (1, 1)].map { try WidthRatio($0, $1) }
        #expect(plan.assignments.map(\.scope) == widths.map { .nested($0) })
        #expect(plan.drawn == nil)
        #expect(try strategy.affords(WidthRatio(1, 8)) && !strategy.affords(WidthRatio(1, 9)))
    }

    @Test(arguments: [
        ([], "ascending"), (["1/2"], "the last of which is 1"), (["1/2", "1/4", "1"], "ascending"),
        (["1/2", "2/4", "1"], "ascending"),
    ])
    func impossibleWidthsAreRefused(_ widths: [String], _ message: String) throws {
        let widths = try widths.map { try WidthRatio(text: $0) }
        let error = #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(StrategySpec(name: "heterofl", widths: widths))
        }
        #expect(error?.message.contains(message) == true)
    }

    @Test(arguments: [
        (StrategySpec(widths: [.full]), "strategy.widths: only heterofl"),
        (StrategySpec(name: "heterofl", aggregator: AggregatorSpec(name: .signVote)), "weighted-mean"),
        (StrategySpec(name: "heterofl", aggregator: AggregatorSpec(name: .median)), "weighted-mean"),
        (StrategySpec(name: "heterofl", optimizer: ServerOptimizerSpec(name: .adam)), "sgd without momentum"),
        (StrategySpec(name: "heterofl", optimizer: ServerOptimizerSpec(momentum: 0.5)), "sgd without momentum"),
        (StrategySpec(name: "heterofl", optimizer: ServerOptimizerSpec(weightDecay: 0.1)), "weightDecay"),
        (StrategySpec(name: "heterofl", baseWidth: .full), "only split-mix has base networks"),
    ])
    func whatDoesNotGoTogetherIsRefused(_ spec: StrategySpec, _ message: String) {
        let error = #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(spec)
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
