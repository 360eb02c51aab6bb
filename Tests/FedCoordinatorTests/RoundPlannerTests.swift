// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import Foundation
import Testing

/// Attempts at a round of base networks.
@Suite struct RoundPlannerTests {
    static func planner() throws -> RoundPlanner {
        let config = try CoordinatorTests.basesConfig(rounds: 3, workers: 2)
        return RoundPlanner(
            run: try RunID("run"), config: config, strategy: try StrategyRegistry.strategy(config.strategy))
    }

    static func names(_ names: [String]) throws -> [WorkerID] { try names.map { try WorkerID($0) } }

    /// A worker goes on training what it was asked for while it is away, and must be asked for that when it is back.
    @Test func whoMissesAnAttemptIsAskedForTheSame() throws {
        let planner = try Self.planner()
        let budgets = Dictionary(
            uniqueKeysWithValues: try Self.names(["a", "b", "c"]).map { ($0, try WidthRatio(1, 4)) })
        let first = try planner.plan(
            RoundID(1), version: ModelVersion(0), workers: Self.names(["a", "b"]), history: ArrivalHistory(),
            budgets: budgets)
        let second = try planner.replanned(first, stored: [], available: Self.names(["b", "c"]), budgets: budgets)
        #expect(second.asked == ["a": first.assignments[0].scope])
        #expect(second.assignments[0].scope == first.assignments[1].scope)
        var richer = budgets
        richer[first.assignments[0].worker] = .full
        let decoded = try JSONDecoder().decode(RoundPlan.self, from: JSONEncoder().encode(second))
        #expect(decoded == second)
        let third = try planner.replanned(decoded, stored: [], available: Self.names(["a", "b", "c"]), budgets: richer)
        #expect(third.assignments[0].scope == first.assignments[0].scope)
        #expect(third.assignments.dropFirst().map(\.scope) == second.assignments.map(\.scope))
        #expect(third.asked == nil)
        // Three workers were drawn for once each, and the next round goes on there.
        #expect([first, second, third].map(\.drawn) == [2, 3, 3])
    }

    /// The last round passes over the data twenty times, forward, and takes in every base whatever workers can afford.
    @Test func aMeasuringRoundHasTimeAndAllBases() throws {
        var config = try CoordinatorTests.basesConfig(rounds: 3, workers: 2)
        config.model.statistics = .postTraining
        config.training.steps = nil
        config.training.epochs = 2
        config.cohort.deadlineSeconds = .seconds(7)
        func plan(_ round: Int) throws -> RoundPlan {
            let planner = RoundPlanner(
                run: try RunID("run"), config: config, strategy: try StrategyRegistry.strategy(config.strategy))
            let workers = try Self.names(["a", "b"])
            let budgets = Dictionary(uniqueKeysWithValues: try workers.map { ($0, try WidthRatio(1, 4)) })
            return try planner.plan(
                RoundID(round), version: ModelVersion(round - 1), workers: workers, history: ArrivalHistory(),
                budgets: budgets)
        }
        #expect(try plan(2).deadlineSeconds == 7)
        #expect(try plan(2).assignments.allSatisfy { $0.scope.bases?.count == 1 && $0.training == config.training })
        let last = try plan(3)
        #expect(last.deadlineSeconds == 70)
        #expect(last.assignments.allSatisfy { $0.scope == .bases([0, 1, 2, 3]) && $0.training.statisticsPasses == 20 })
        // What a step takes says nothing of what a pass takes.
        config.training.steps = 1
        #expect(try plan(3).deadlineSeconds == 3600)
    }

    /// Sums of ternary updates are of 32,767 at most.
    @Test(arguments: [1.0, 3.0]) func aRoundOfSumsHasNoMoreWorkersThanTheyTake(_ overSelection: Double) throws {
        var config = try SharedScalesTests.config()
        config.cohort.overSelection = overSelection
        config.cohort.fraction = 0.9
        let strategy = try StrategyRegistry.strategy(config.strategy, fraction: config.cohort.fraction)
        let planner = RoundPlanner(run: try RunID("run"), config: config, strategy: strategy)
        let workers = try Self.names((0..<40_000).map { "w\($0)" })
        let plan = try planner.plan(
            RoundID(1), version: ModelVersion(0), workers: workers, history: ArrivalHistory())
        #expect(plan.assignments.count == 32_767)
        #expect(plan.quorum <= 32_767 && plan.wanted ?? 0 <= 32_767)
        // Those whose updates are there stay, whoever is drawn.
        let stored = Set(plan.assignments.prefix(20_000).map(\.worker))
        let again = try planner.replanned(plan, stored: stored, available: workers)
        #expect(again.assignments.count == 32_767)
        #expect(stored.isSubset(of: again.assignments.map(\.worker)))
        #expect(again.assignments.map(\.worker) == again.assignments.map(\.worker).sorted())
        #expect(again.quorum <= 32_767)
        config.downlink = CodecSpec(CodecID("dense-float32"))
        let others = RoundPlanner(run: try RunID("run"), config: config, strategy: strategy)
        let free = try others.plan(
            RoundID(1), version: ModelVersion(0), workers: workers, history: ArrivalHistory())
        #expect(free.assignments.count == (overSelection == 1 ? 36_000 : 40_000))
    }

    @Test func withoutBasesNothingIsRemembered() throws {
        let config = try CoordinatorTests.config(rounds: 1, workers: 2)
        let planner = RoundPlanner(
            run: try RunID("run"), config: config, strategy: try StrategyRegistry.strategy(config.strategy))
        let first = try planner.plan(
            RoundID(1), version: ModelVersion(0), workers: Self.names(["a", "b"]), history: ArrivalHistory())
        let second = try planner.replanned(first, stored: [], available: Self.names(["b"]))
        #expect(second.asked == nil && second.drawn == nil)
    }
}
