// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

/// Base networks: who trains which, and how their changes are put together (Hong et al., ICLR 2022, algorithm 1).
@Suite struct SplitMixTests {
    static let bases = 8

    static func strategy(
        _ optimizer: ServerOptimizerSpec = ServerOptimizerSpec(), favourFirst: Bool = false
    ) throws -> Strategy {
        try StrategyRegistry.strategy(
            StrategySpec(
                name: "split-mix", optimizer: optimizer, baseWidth: WidthRatio(1, bases), favourFirst: favourFirst))
    }

    static func plans(
        _ count: Int, workers: Int, budgets: [WidthRatio] = [.full], seed: UInt64 = 7,
        favourFirst: Bool = false
    ) throws -> [RoundPlan] {
        let strategy = try strategy(favourFirst: favourFirst)
        let names = try (0..<workers).map { try WorkerID("w\($0)") }
        var affordable: [WorkerID: WidthRatio] = [:]
        for (index, name) in names.enumerated() { affordable[name] = budgets[index % budgets.count] }
        var plans: [RoundPlan] = []
        for round in 1...count {
            plans.append(
                try strategy.plan(
                    PlanContext(
                        run: RunID("run"), round: RoundID(round), baseVersion: ModelVersion(round - 1), workers: names,
                        training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), seed: seed,
                        budgets: affordable, drawn: plans.last?.drawn ?? 0)))
        }
        return plans
    }

    @Test func aWorkerTrainsWhatItCanAfford() throws {
        let budgets = try [(1, 8), (1, 4), (3, 10), (1, 2), (1, 1)].map { try WidthRatio($0, $1) }
        for plan in try Self.plans(20, workers: 5, budgets: budgets) {
            #expect(plan.assignments.map { $0.scope.bases?.count } == [1, 2, 2, 4, 8])
            #expect(plan.assignments.allSatisfy { $0.scope.isValid(bases: Self.bases) })
        }
    }

    /// Over each block of as many first draws as there are bases, every base comes once.
    @Test(arguments: [1, 3, 5, 8, 11]) func theFirstBaseComesFromARoundRobin(_ workers: Int) throws {
        let one = try WidthRatio(1, Self.bases)
        let drawn = try Self.plans(64, workers: workers, budgets: [one]).flatMap { plan in
            plan.assignments.flatMap { $0.scope.bases ?? [] }
        }
        #expect(drawn.count == 64 * workers)
        var orders: Set<[Int]> = []
        for start in stride(from: 0, to: drawn.count, by: Self.bases) {
            let block = Array(drawn[start..<start + Self.bases])
            #expect(block.sorted() == Array(0..<Self.bases))
            orders.insert(block)
        }
        #expect(orders.count > 1, "it is shuffled anew")
    }

    /// Whoever trains two or more trains base 0; first bases are drawn as ever.
    @Test func aFavouredFirstBaseIsTrainedByWhoeverTrainsTwo() throws {
        let budgets = try [(1, 8), (1, 4), (1, 2), (1, 1)].map { try WidthRatio($0, $1) }
        let plain = try Self.plans(16, workers: 4, budgets: budgets)
        let favoured = try Self.plans(16, workers: 4, budgets: budgets, favourFirst: true)
        for (even, other) in zip(plain, favoured) {
            #expect(even.assignments.map { $0.scope.bases?.count } == other.assignments.map { $0.scope.bases?.count })
            #expect(even.assignments[0].scope == other.assignments[0].scope && even.drawn == other.drawn)
            #expect(other.assignments.dropFirst().allSatisfy { $0.scope.bases?.first == 0 })
        }
        #expect(plain.contains { plan in plan.assignments.dropFirst().contains { $0.scope.bases?.first != 0 } })
        #expect(throws: StrategyError(.invalidSpecification, "")) { try StrategySpec(favourFirst: true).validate() }
    }

    @Test func draws() throws {
        #expect(try Self.plans(5, workers: 6) == Self.plans(5, workers: 6))
        let half = [try WidthRatio(1, 2)]
        #expect(try Self.plans(5, workers: 6, budgets: half) != Self.plans(5, workers: 6, budgets: half, seed: 8))
        // Each of the others is drawn about equally often.
        var counts = [Int](repeating: 0, count: Self.bases)
        for plan in try Self.plans(100, workers: 8, budgets: half) {
            for base in plan.assignments.flatMap({ $0.scope.bases ?? [] }) { counts[base] += 1 }
        }
        #expect(counts.allSatisfy { (330...470).contains($0) }, "\(counts)")
    }

    @Test(arguments: [WidthRatio.full, try? WidthRatio(2, 5), try? WidthRatio(3, 8), try? WidthRatio(1, 2000)])
    func widthsThatMakeUpNoWholeAreRefused(_ width: WidthRatio?) throws {
        let error = #expect(throws: StrategyError.self) {
            try StrategyRegistry.strategy(StrategySpec(name: "split-mix", baseWidth: width))
        }
        #expect(error?.message.contains("strategy.baseWidth") == true)
    }

    @Test func otherStrategiesHaveNoBases() throws {
        #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(StrategySpec(baseWidth: WidthRatio(1, 8)))
        }
        #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(StrategySpec(name: "split-mix", aggregator: AggregatorSpec(name: .median)))
        }
        #expect(StrategySpec(name: "split-mix").baseWidth == (try WidthRatio(1, 8)))
    }

    // MARK: Aggregation

    static func model(_ layout: ModelLayout) throws -> ServerModel {
        ServerModel(
            parameters: try ParameterVector(layout: layout, values: (0..<layout.count).map { Float($0) / 10 - 1 }))
    }

    static func layout(_ bases: Int = bases) throws -> ModelLayout {
        try ModelLayout(
            (0..<bases).flatMap { base in
                [
                    ParameterSpec(name: "base.\(base)/w", shape: [3], role: .weight),
                    ParameterSpec(name: "base.\(base)/n.running_var", shape: [2], role: .cleanStatistics),
                ]
            })
    }

    static func add(
        _ change: [Float], weight: Int64, _ bases: [Int], to aggregation: inout any Aggregation
    ) throws {
        let scope = UpdateScope.bases(bases)
        for range in bases.map({ $0 * 5..<($0 + 1) * 5 }) {
            try change[range].withUnsafeBufferPointer {
                try aggregation.add(.dense($0, at: range.lowerBound), weight: weight)
            }
        }
        try aggregation.count(weight: weight, in: scope)
    }

    static let optimizers = [
        ServerOptimizerSpec(), ServerOptimizerSpec(momentum: 0.9, weightDecay: 0.1),
        ServerOptimizerSpec(name: .adam, learningRate: 0.1), ServerOptimizerSpec(name: .yogi, learningRate: 0.1),
    ]

    /// With every worker training all bases, each base is a FedAvg of its own.
    @Test(arguments: optimizers) func allBasesAreIndependentRuns(_ optimizer: ServerOptimizerSpec) throws {
        let layout = try Self.layout()
        let strategy = try Self.strategy(optimizer)
        let alone = try StrategyRegistry.strategy(StrategySpec(optimizer: optimizer))
        let single = try Self.layout(1)
        var whole = try Self.model(layout)
        var singles = try (0..<Self.bases).map { base in
            ServerModel(
                parameters: try ParameterVector(
                    layout: single, values: Array(whole.parameters.values[base * 5..<(base + 1) * 5])))
        }
        for round in 1...3 {
            var sum = try strategy.aggregator.begin(count: layout.count, weightBound: 1000)
            var sums = try (0..<Self.bases).map { _ in try alone.aggregator.begin(count: 5, weightBound: 1000) }
            for worker in 1...4 {
                let change = (0..<layout.count).map { Float(($0 * worker * round) % 13) / 7 - 0.5 }
                try Self.add(change, weight: Int64(worker), Array(0..<Self.bases), to: &sum)
                for base in 0..<Self.bases {
                    try sums[base].add(Array(change[base * 5..<(base + 1) * 5]), weight: Int64(worker))
                }
            }
            #expect(sum.trained == .bases(Array(0..<Self.bases)))
            try strategy.rule(rounds: 3).advance(&whole, by: sum.finish(), round: RoundID(round))
            for base in 0..<Self.bases {
                try alone.rule(rounds: 3).advance(&singles[base], by: sums[base].finish(), round: RoundID(round))
            }
            #expect(whole.parameters.values == singles.flatMap(\.parameters.values))
        }
    }

    /// A base that nobody trained stays as it is, to the bit, and so does what the optimiser remembers of it; one that one worker
    /// trained becomes that worker's.
    @Test(arguments: optimizers) func whatNobodyTrainedStays(_ optimizer: ServerOptimizerSpec) throws {
        let layout = try Self.layout()
        let strategy = try Self.strategy(optimizer)
        var model = try Self.model(layout)
        model.parameters.withMutableValues { $0[0] = -0.0 }
        let rule = strategy.rule(rounds: 2)
        var first = try strategy.aggregator.begin(count: layout.count, weightBound: 1000)
        let change = [Float](repeating: 0.5, count: layout.count)
        try Self.add(change, weight: 3, Array(0..<Self.bases), to: &first)
        try rule.advance(&model, by: first.finish(), round: RoundID(1))
        model.parameters.withMutableValues { $0[0] = -0.0 }

        let before = model
        var sum = try strategy.aggregator.begin(count: layout.count, weightBound: 1000)
        try Self.add(change, weight: 3, [2, 5], to: &sum)
        try Self.add(change.map { -$0 }, weight: 1, [5], to: &sum)
        #expect(sum.trained == .bases([2, 5]))
        let parts = sum.trained.ranges(of: layout.count, bases: Self.bases)
        let mean = sum.finish()
        #expect(Array(mean[10..<15]) == [Float](repeating: 0.5, count: 5), "one worker's change")
        #expect(Array(mean[25..<30]) == [Float](repeating: 0.25, count: 5), "the weighted mean of two")
        try rule.advance(&model, by: mean, round: RoundID(2), in: parts)
        for index in 0..<layout.count where !parts.contains(where: { $0.contains(index) }) {
            #expect(model.parameters.values[index].bitPattern == before.parameters.values[index].bitPattern)
            for (name, vector) in model.state { #expect(vector[index] == before.state[name]?[index]) }
        }
        if optimizer == ServerOptimizerSpec() {
            #expect(model.parameters.values[10] == before.parameters.values[10] + 0.5)
        }
        #expect(model.parameters.values[10] != before.parameters.values[10])
    }

    /// What is taken out again leaves no trace, in bases that others trained and in those that nobody else did.
    @Test func whatIsTakenOutLeavesNoTrace() throws {
        let strategy = try Self.strategy()
        var sum = try strategy.aggregator.begin(count: 40, weightBound: 1000)
        let change = (0..<40).map { Float($0) / 3 }
        try Self.add(change, weight: 3, [1, 2], to: &sum)
        let expected = sum.finish()
        try Self.add(change, weight: 7, [2, 6], to: &sum)
        for base in [2, 6] {
            try change[base * 5..<(base + 1) * 5].withUnsafeBufferPointer {
                try sum.add(.dense($0, at: base * 5), weight: -7)
            }
        }
        sum.discount(weight: 7, in: .bases([2, 6]))
        #expect(sum.finish() == expected)
        #expect(sum.trained == .bases([1, 2]) && sum.contributions == 1)
    }
}
