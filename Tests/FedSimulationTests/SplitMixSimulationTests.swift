// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedSimulation
import FedStore
import FedStrategies
import FedTraining
import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct SplitMixSimulationTests {
    static func config(uplink: String = "dense-float32", downlink: String = "dense-float32") throws -> RunConfig {
        var config = InProcessSimulationTests.config(
            uplink: uplink, downlink: downlink, rounds: 6, fraction: 1, every: 6)
        config.strategy = StrategySpec(name: "split-mix", baseWidth: try WidthRatio(1, 4))
        return config
    }

    /// The last round trains nothing, and statistics of the finished weights do better than averages of earlier ones.
    @Test func aRoundAfterTrainingMeasuresStatistics() async throws {
        func report(_ statistics: NormalizationStatistics, rounds: Int, threads: Int = 2) async throws -> RunReport {
            var config = try Self.config()
            config.model = ModelSpec(architecture: "digits-cnn", statistics: statistics)
            config.strategy.baseWidth = try WidthRatio(1, 8)
            config.training.optimizer.learningRate = 0.05
            config.rounds = rounds
            return try await InProcessSimulationTests.run(
                config, workers: 4, threads: threads, budgets: WorkerBudgets(text: "1"))
        }
        let trained = try await report(.averaged, rounds: 2)
        let measured = try await report(.postTraining, rounds: 3)
        #expect(try #require(measured.final.accuracy) > #require(trained.final.accuracy))
        #expect(measured.final.accuracy ?? 0 > 0.8)
        #expect(try await report(.postTraining, rounds: 3, threads: 1).modelSHA256 == measured.modelSHA256)
    }

    static func budgets() throws -> WorkerBudgets { try WorkerBudgets(text: "1/4,1/2,1") }

    @Test(arguments: [("dense-float32", "dense-float32"), ("ternary", "dense-float16"), ("sbc", "dense-float32")])
    func trainsAndCounts(uplink: String, downlink: String) async throws {
        let config = try Self.config(uplink: uplink, downlink: downlink)
        let report = try await InProcessSimulationTests.run(config, workers: 9, budgets: Self.budgets())
        // Three workers each train 1, 2 and 4 bases, in six rounds: 126 in all.
        let updates = try #require(report.baseUpdates)
        #expect(updates.count == 4 && updates.reduce(0, +) == 126)
        #expect((updates.max() ?? 0) - (updates.min() ?? 0) <= 18)
        let parameters = report.parameters / 4
        #expect(report.final.denseUplinkBytes == 126 * parameters * 4)
        if uplink == "dense-float32" {
            // Four bytes of header for each base.
            #expect(report.final.uplinkBytes == 126 * (parameters * 4 + 4))
            #expect(report.final.downlinkBytes == report.final.uplinkBytes)
            #expect(report.final.accuracy ?? 0 > 0.8)
        }
        #expect(
            try await InProcessSimulationTests.run(config, workers: 9, threads: 1, budgets: Self.budgets()).modelSHA256
                == report.modelSHA256)
    }
}
