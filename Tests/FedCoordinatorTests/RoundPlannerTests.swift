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
