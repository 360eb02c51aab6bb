// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import Testing

/// What goes to whom of statistics that are shared base network by base network.
@Suite struct StatisticsExchangeTests {
    private static let bases = 2

    /// Two base networks of a weight and a dual batch norm of one channel.
    private static func model() throws -> CentralModel {
        let layout = try ModelLayout(
            (0..<bases).flatMap { base in
                [
                    ParameterSpec(name: "base.\(base)/w", shape: [2], role: .weight),
                    ParameterSpec(name: "base.\(base)/n.running_mean", shape: [1], role: .cleanStatistics),
                    ParameterSpec(name: "base.\(base)/n.running_var", shape: [1], role: .cleanStatistics),
                    ParameterSpec(
                        name: "base.\(base)/n.adversarial.running_mean", shape: [1], role: .adversarialStatistics),
                    ParameterSpec(
                        name: "base.\(base)/n.adversarial.running_var", shape: [1], role: .adversarialStatistics),
                ]
            })
        let parts = ModelParts(layout, keeping: ParameterRole.normalization)
        return CentralModel(
            layout: layout, parts: parts, initialOwn: [0, 1, 0, 1, 0, 1, 0, 1],
            initialParameters: { _ in ParameterVector(zeros: parts.travelling) }, evaluate: nil)
    }

    private static func exchange(_ records: [StatisticsExchange.Record]) throws -> StatisticsExchange {
        let strategy = try StrategyRegistry.strategy(
            StrategySpec(name: "fedrbn", baseWidth: WidthRatio(1, 2), warmup: 1))
        var exchange = try #require(try StatisticsExchange(strategy, model: model(), bases: bases))
        try exchange.restore(records)
        return exchange
    }

    private static func record(
        _ name: String, base: Int, attacked: Float? = nil
    ) throws -> StatisticsExchange.Record {
        StatisticsExchange.Record(
            worker: try WorkerID(name), round: RoundID(1), scope: .bases([base]),
            statistics: WorkerStatistics(
                clean: [1, 2, 1, 2], adversarial: attacked.map { [$0, $0, $0, $0] }))
    }

    private static func calibrating(_ name: String) throws -> WorkerAssignment {
        WorkerAssignment(
            worker: try WorkerID(name), run: try RunID("run-1"), round: RoundID(2), baseVersion: ModelVersion(1),
            training: LocalTrainingSpec(
                optimizer: OptimizerSpec(learningRate: 0.1),
                objective: [.crossEntropy(), .calibration(weight: 0.5)]),
            scope: .bases([0, 1]), codec: CodecID("dense-float32"), seed: 1, deadlineSeconds: 10)
    }

    private static func isCalibrated(_ assignment: WorkerAssignment) -> Bool {
        assignment.training.objective.contains { if case .calibration = $0 { true } else { false } }
    }

    /// Each base network's come from those who trained it.
    @Test func everyBaseHasItsOwnSource() throws {
        let exchange = try Self.exchange([
            Self.record("a", base: 0, attacked: 7), Self.record("b", base: 1, attacked: 9),
            Self.record("c", base: 0),
        ])
        let (assignment, statistics) = try exchange.outgoing(Self.calibrating("c"))
        #expect(statistics == [7, 7, 9, 9] && Self.isCalibrated(assignment))
    }

    /// A base network that nobody shares any more keeps what a worker has for it, which is more than nothing.
    @Test func nothingIsOverwrittenByWhatANetworkBeginsWith() throws {
        var exchange = try Self.exchange([
            Self.record("a", base: 0, attacked: 7), Self.record("b", base: 1, attacked: 9),
            Self.record("c", base: 0),
        ])
        try exchange.forget(WorkerID("b"))
        let (assignment, statistics) = try exchange.outgoing(Self.calibrating("c"))
        #expect(statistics == nil && !Self.isCalibrated(assignment))
    }

    /// A worker has statistics of its own for a base network that it has attacked, and gets the other's.
    @Test func ownStatisticsStay() throws {
        let exchange = try Self.exchange([
            Self.record("c", base: 0, attacked: 5), Self.record("a", base: 0, attacked: 7),
            Self.record("b", base: 1, attacked: 9),
        ])
        let (assignment, statistics) = try exchange.outgoing(Self.calibrating("c"))
        #expect(statistics == [5, 5, 9, 9] && Self.isCalibrated(assignment))
    }
}
