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

/// Batch normalisation that stays with the workers (FedBN, Li et al., ICLR 2021).
@Suite(.timeLimit(.minutes(3))) struct FedBNSimulationTests {
    static func config(
        _ strategy: String = "fedbn", uplink: String = "dense-float32", normalization: Normalization = .batch,
        rounds: Int = 3, fraction: Double = 0.5
    ) throws -> RunConfig {
        var config = InProcessSimulationTests.config(
            uplink: uplink,
            model: ModelSpec(architecture: "resnet20", width: try WidthRatio(1, 8), normalization: normalization),
            rounds: rounds, fraction: fraction)
        config.strategy = StrategySpec(name: strategy)
        config.data.fraction = 0.2
        return config
    }

    @Test(arguments: ["dense-float32", "ternary", "sbc"]) func threadsDoNotMatter(uplink: String) async throws {
        let config = try Self.config(uplink: uplink)
        let one = try await InProcessSimulationTests.run(config, workers: 4, threads: 1)
        let two = try await InProcessSimulationTests.run(config, workers: 4, threads: 2)
        #expect(one.modelSHA256 == two.modelSHA256 && one.final.personal == two.final.personal)
        let averaged = try await InProcessSimulationTests.run(
            Self.config("fedavg", uplink: uplink), workers: 4, threads: 2)
        #expect(averaged.parameters > one.parameters && averaged.modelSHA256 != one.modelSHA256)
        #expect(averaged.final.accuracy != nil && averaged.final.personal == nil)
    }

    /// What a coordinator has is a model with the normalisation that a network begins with; what counts are the workers' own.
    @Test func onlyWorkersHaveWholeModels() async throws {
        let config = try Self.config(rounds: 8, fraction: 1)
        let report = try await InProcessSimulationTests.run(
            config, workers: 3
        ) { _ in
        } look: { folder in
            let model = try SafetensorsModel.read(folder.appendingPathComponent("model.safetensors").path)
            let layout = model.layout
            for (parameter, segment) in zip(layout.parameters, layout.segments) {
                let isOne = parameter.role == .normScale || parameter.name.hasSuffix(".running_var")
                guard ParameterRole.normalization.contains(parameter.role) else { continue }
                #expect(segment.allSatisfy { model.values[$0] == (isOne ? 1 : 0) }, "\(parameter.name)")
            }
        }
        #expect(report.final.accuracy == nil)
        let personal = try #require(report.final.personal)
        #expect(personal.workers == 3 && personal.accuracy > 0.3)
        #expect(personal.lowestAccuracy <= personal.accuracy && personal.robustAccuracy == nil)
        #expect(report.rounds.map { $0.personal != nil } == [Bool](repeating: false, count: 7) + [true])
        // Four bytes for each parameter that travels, and four of header.
        #expect(report.final.uplinkBytes == 24 * (4 + 4 * report.parameters))
        #expect(report.final.downlinkBytes == report.final.uplinkBytes)
    }

    /// Statistics alone may stay, of a single network and of base networks.
    @Test func localStatisticsStayAlone() async throws {
        var config = try Self.config("fedavg", rounds: 2)
        let averaged = try await InProcessSimulationTests.run(config, workers: 4)
        config.model.statistics = .local
        let local = try await InProcessSimulationTests.run(config, workers: 4)
        let fedBN = try await InProcessSimulationTests.run(Self.config(rounds: 2), workers: 4)
        #expect(fedBN.parameters < local.parameters && local.parameters < averaged.parameters)
        #expect(local.final.personal != nil && local.final.accuracy == nil)
        config.strategy = StrategySpec(name: "split-mix", baseWidth: try WidthRatio(1, 4))
        config.model.width = .full
        let mixed = try await InProcessSimulationTests.run(
            config, workers: 4, threads: 2, budgets: SplitMixSimulationTests.budgets())
        #expect(mixed.parameters.isMultiple(of: 4) && mixed.final.personal != nil)
        #expect(
            try await InProcessSimulationTests.run(
                config, workers: 4, threads: 1, budgets: SplitMixSimulationTests.budgets()
            ).modelSHA256 == mixed.modelSHA256)
    }

    /// Workers that were never chosen have nothing of their own.
    @Test func whoWasNeverChosenDoesNotCount() async throws {
        let report = try await InProcessSimulationTests.run(Self.config(rounds: 1), workers: 6)
        #expect(report.final.personal?.workers == 3)
    }

    /// Without the weight of calibration and without attackers, what FedRBN does is FedBN.
    @Test func withoutCalibrationAndAttacksItIsFedBN() async throws {
        var config = try Self.config(normalization: .dualShared, rounds: 2)
        let plain = try await InProcessSimulationTests.run(config, workers: 4)
        config.training.objective.append(.calibration(weight: 0))
        let without = try await InProcessSimulationTests.run(config, workers: 4)
        #expect(without.modelSHA256 == plain.modelSHA256 && without.final.personal == plain.final.personal)
    }
}
