// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct StrategyTests {
    private func context(_ names: [String], round: Int = 1, seed: UInt64 = 11) throws -> PlanContext {
        PlanContext(
            run: try RunID("run"), round: RoundID(round), baseVersion: ModelVersion(round - 1),
            workers: try names.map { try WorkerID($0) },
            training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), codec: CodecID("ternary"),
            quorumShare: 0.5, deadlineSeconds: 30, seed: seed)
    }

    @Test func aPlanSaysWhatTheContextSays() throws {
        let context = try context(["c", "a", "b"], round: 4)
        let plan = try StrategyRegistry.strategy(StrategySpec()).plan(context)
        #expect(plan.round == RoundID(4))
        #expect(plan.baseVersion == ModelVersion(3))
        #expect(plan.quorum == 2)
        #expect(plan.deadlineSeconds == 30)
        #expect(plan.assignments.map(\.worker.rawValue) == ["a", "b", "c"])
        for assignment in plan.assignments {
            #expect(assignment.run == context.run)
            #expect(assignment.round == RoundID(4))
            #expect(assignment.baseVersion == ModelVersion(3))
            #expect(assignment.training == context.training)
            #expect(assignment.codec == CodecID("ternary"))
            #expect(assignment.scope == .wholeModel)
            #expect(assignment.deadlineSeconds == 30)
        }
        #expect(Set(plan.assignments.map(\.seed)).count == 3)
    }

    @Test func fedProxAddsItsTermToEveryAssignment() throws {
        let context = try context(["a", "b"])
        let plan = try StrategyRegistry.strategy(StrategySpec(name: "fedprox", mu: 0.25)).plan(context)
        var expected = context.training
        expected.objective.append(.proximal(mu: 0.25))
        #expect(plan.assignments.map(\.training) == [expected, expected])
    }

    @Test func plansDependOnTheSetOfWorkersNotTheirOrder() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec(), fraction: 0.4)
        var names = (0..<30).map { "w\($0)" }
        let plan = try strategy.plan(context(names))
        var generator = SeededGenerator(key: 1)
        for _ in 0..<10 {
            generator.shuffle(&names)
            #expect(try strategy.plan(context(names + names.prefix(5))) == plan)
        }
    }

    @Test func aSeedDependsOnRunRoundAndWorkerOnly() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec())
        func seed(_ names: [String], round: Int = 1, seed: UInt64 = 11) throws -> UInt64? {
            try strategy.plan(context(names, round: round, seed: seed)).assignments.first { $0.worker.rawValue == "b" }?
                .seed
        }
        let alone = try #require(try seed(["b"]))
        #expect(try seed(["a", "b", "c", "d"]) == alone)
        #expect(try seed(["b"], round: 2) != alone)
        #expect(try seed(["b"], seed: 12) != alone)
    }

    @Test func roundsChooseDifferentCohortsAndReachEverybody() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec(), fraction: 0.2)
        let names = (0..<20).map { "w\($0)" }
        let cohorts = try (1...60).map { round in
            try strategy.plan(context(names, round: round)).assignments.map(\.worker)
        }
        #expect(cohorts.allSatisfy { $0.count == 4 })
        #expect(Set(cohorts).count > 55)
        #expect(Set(cohorts.joined()).count == 20)
    }

    @Test(arguments: [
        (0.0, 10, 1), (0.5, 1, 1), (0.5, 3, 2), (0.5, 4, 2), (0.51, 100, 51), (0.07, 100, 7), (0.55, 100, 55),
        (0.29, 100, 29), (1, 1, 1), (1, 7, 7), (0.8, 5, 4), (1e-9, 5, 1),
    ]) func theQuorumIsTheShareRoundedUp(_ share: Double, _ workers: Int, _ quorum: Int) throws {
        var context = try context((0..<workers).map { "w\($0)" })
        context.quorumShare = share
        #expect(try StrategyRegistry.strategy(StrategySpec()).plan(context).quorum == quorum)
    }

    @Test func whatCannotBePlannedIsRefused() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec())
        #expect(throws: StrategyError(.noWorkers, "")) { try strategy.plan(context([])) }
        for share in [-0.1, 1.1, .nan] {
            var context = try context(["a"])
            context.quorumShare = share
            #expect(throws: StrategyError(.invalidSpecification, "")) { try strategy.plan(context) }
        }
        for deadline in [0, -1, .nan, Double.infinity] {
            var context = try context(["a"])
            context.deadlineSeconds = deadline
            #expect(throws: StrategyError(.invalidSpecification, "")) { try strategy.plan(context) }
        }
    }

    private func model(_ values: [Float]) throws -> ParameterVector {
        try ParameterVector(
            layout: ModelLayout([
                ParameterSpec(name: "w", shape: [2], role: .weight),
                ParameterSpec(name: "m", shape: [1], role: .cleanStatistics),
                ParameterSpec(name: "b", shape: [1], role: .bias),
                ParameterSpec(name: "n.running_var", shape: [1], role: .adversarialStatistics),
            ]), values: values)
    }

    @Test func averagingAddsTheMeanChange() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec())
        var next = ServerModel(parameters: try model([1, 2, 3, 4, 5]))
        try strategy.rule(rounds: 1).advance(&next, by: [0.5, -1, 0.25, 0, -5], round: RoundID(1))
        #expect(next.parameters.values == [1.5, 1, 3.25, 4, 0])
    }

    @Test(arguments: ServerOptimizerSpec.Name.allCases)
    func statisticsMoveByTheMeanChangeWhateverTheOptimiser(_ name: ServerOptimizerSpec.Name) throws {
        let spec = StrategySpec(
            optimizer: ServerOptimizerSpec(name: name, learningRate: 2, weightDecay: 0.1),
            schedule: ScheduleSpec(.polynomial(power: 1, end: 0)))
        var next = ServerModel(parameters: try model([1, 2, 3, 4, 5]))
        for round in 1...2 {
            try StrategyRegistry.strategy(spec).rule(rounds: 2).advance(
                &next, by: [0.5, -1, 0.25, 1, -4], round: RoundID(round))
        }
        #expect(next.parameters.values[2] == 3.5)
        #expect(next.parameters.values[4] == 0, "a variance does not fall below 0")
        #expect(next.parameters.values[0] > 1 && next.parameters.values[1] < 2)
    }

    /// After the rounds that train, a round moves statistics only.
    @Test func aMeasuringRoundLeavesWeightsAlone() throws {
        let spec = StrategySpec(optimizer: ServerOptimizerSpec(learningRate: 2, momentum: 0.5))
        let rule = try StrategyRegistry.strategy(spec).rule(rounds: 2, trained: 1)
        var model = ServerModel(parameters: try model([1, 2, 3, 4, 5]))
        try rule.advance(&model, by: [0.5, 0.5, 0.5, 0.5, 0.5], round: RoundID(1))
        let trained = model
        try rule.advance(&model, by: [0.5, 0.5, 0.5, 0.5, 0.5], round: RoundID(2))
        #expect(model.state == trained.state)
        #expect(model.parameters.values == [2, 3, 4, 5, 6])
    }

    @Test func aModelWithoutNumbersIsRefused() throws {
        let strategy = try StrategyRegistry.strategy(
            StrategySpec(optimizer: ServerOptimizerSpec(learningRate: 3e38)))
        var next = ServerModel(parameters: try model([1, 2, 3, 4, 5]))
        #expect(throws: StrategyError(.nonFiniteModel, "")) {
            try strategy.rule(rounds: 1).advance(&next, by: [1000, 0, 0, 0, 0], round: RoundID(1))
        }
    }

    /// Federated averaging of models equals adding the mean of their changes.
    @Test func federatedAveragingIsTheWeightedMeanOfModels() throws {
        let strategy = try StrategyRegistry.strategy(StrategySpec())
        let base = try model([0, 1, 2, 3, 4])
        let workers: [(ParameterVector, Int64)] = [(try model([1, 1, 1, 1, 1]), 1), (try model([0, 2, 4, 6, 8]), 3)]
        var aggregation = try strategy.aggregator.begin(count: 5, weightBound: 4)
        for (model, weight) in workers { try aggregation.add(model.difference(from: base).values, weight: weight) }
        var next = ServerModel(parameters: base)
        try strategy.rule(rounds: 1).advance(&next, by: aggregation.finish(), round: RoundID(1))
        #expect(next.parameters.values == [0.25, 1.75, 3.25, 4.75, 6.25])
    }
}
