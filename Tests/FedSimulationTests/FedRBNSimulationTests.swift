// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedSimulation
import FedStore
import FedStrategies
import FedTraining
import Foundation
import Synchronization
import Testing

/// The exact checks of robustness propagation (FedRBN, Hong et al., AAAI 2023) on whole runs.
@Suite(.timeLimit(.minutes(5))) struct FedRBNSimulationTests {
    private static func config(
        _ strategy: StrategySpec, uplink: String = "dense-float32", rounds: Int = 3, fraction: Double = 1,
        share: Float = 1
    ) throws -> RunConfig {
        var config = try FedBNSimulationTests.config(
            strategy.name, uplink: uplink, normalization: .dualShared, rounds: rounds, fraction: fraction)
        config.strategy = strategy
        config.evaluation.adversarialShare = share
        config.training.objective = [
            .crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 0.1, steps: 2))),
        ]
        return config
    }

    private static func fedRBN(lambda: Float, warmup: Int = 0, baseWidth: WidthRatio? = nil) -> StrategySpec {
        StrategySpec(name: "fedrbn", baseWidth: baseWidth, lambda: lambda, warmup: warmup)
    }

    private static func run(
        _ config: RunConfig, adversarial: AdversarialWorkers?, workers: Int = 4, threads: Int = 2,
        budgets: WorkerBudgets? = nil
    ) async throws -> RunReport {
        try await InProcessSimulationTests.run(
            config, workers: workers, threads: threads, budgets: budgets, adversarial: adversarial)
    }

    private static func isSame(_ one: RunReport, _ other: RunReport) -> Bool {
        one.modelSHA256 == other.modelSHA256 && one.final.personal == other.final.personal
    }

    @Test(arguments: ["dense-float32", "ternary", "sbc"]) func threadsDoNotMatter(uplink: String) async throws {
        let config = try Self.config(Self.fedRBN(lambda: 0.5, warmup: 1), uplink: uplink)
        let one = try await Self.run(config, adversarial: AdversarialWorkers([1]), threads: 1)
        let two = try await Self.run(config, adversarial: AdversarialWorkers([1]), threads: 2)
        #expect(Self.isSame(one, two))
        #expect(try one.adversarial == [WorkerID("worker-1")])
        let other = try await Self.run(config, adversarial: AdversarialWorkers([2]))
        #expect(other.modelSHA256 != one.modelSHA256)
    }

    /// Without workers that train adversarially there is nothing to calibrate by, whatever λ is.
    @Test func withoutAdversarialWorkersItIsFedBN() async throws {
        var plain = try Self.config(StrategySpec(name: "fedbn"), rounds: 2, share: 0)
        plain.training.objective = [.crossEntropy()]
        let fedBN = try await Self.run(plain, adversarial: nil)
        for strategy in [Self.fedRBN(lambda: 0), Self.fedRBN(lambda: 0.5), StrategySpec(name: "fatbn")] {
            let report = try await Self.run(Self.config(strategy, rounds: 2, share: 0), adversarial: nil)
            #expect(Self.isSame(report, fedBN), "\(strategy.name)")
            #expect(report.adversarial == [])
        }
    }

    @Test func withAdversarialWorkersOnlyLambdaDoesNotMatter() async throws {
        let all = try await Self.run(
            Self.config(StrategySpec(name: "fedbn"), rounds: 2), adversarial: nil)
        for lambda in [0, 0.5, 1] as [Float] {
            let report = try await Self.run(
                Self.config(Self.fedRBN(lambda: lambda), rounds: 2), adversarial: .all)
            #expect(Self.isSame(report, all), "\(lambda)")
        }
    }

    /// λ acts from the round after the warm-up on.
    @Test func calibrationBeginsAfterTheWarmUp() async throws {
        func report(_ strategy: StrategySpec) async throws -> RunReport {
            try await Self.run(Self.config(strategy), adversarial: AdversarialWorkers([2]))
        }
        let without = try await report(Self.fedRBN(lambda: 0))
        #expect(Self.isSame(try await report(Self.fedRBN(lambda: 0.5, warmup: 3)), without))
        let with = try await report(Self.fedRBN(lambda: 0.5, warmup: 2))
        #expect(with.modelSHA256 != without.modelSHA256)
        // In the first round there is nothing to calibrate by yet.
        let early = try await report(Self.fedRBN(lambda: 0.5, warmup: 0))
        #expect(Self.isSame(early, try await report(Self.fedRBN(lambda: 0.5, warmup: 1))))
    }

    /// Without calibration training is that of FATBN; finished models have statistics that theirs lack.
    @Test func withoutCalibrationStatisticsReachFinishedModels() async throws {
        func report(_ strategy: StrategySpec, share: Float) async throws -> RunReport {
            try await Self.run(
                Self.config(strategy, rounds: 8, share: share), adversarial: AdversarialWorkers([2]), workers: 3)
        }
        let (fedRBN, fatBN) = (Self.fedRBN(lambda: 0), StrategySpec(name: "fatbn"))
        let (with, without) = (try await report(fedRBN, share: 1), try await report(fatBN, share: 1))
        #expect(with.modelSHA256 == without.modelSHA256)
        #expect(
            try #require(with.final.personal).accuracy > #require(without.final.personal).accuracy + 0.1)
        #expect(Self.isSame(try await report(fedRBN, share: 0), try await report(fatBN, share: 0)))
    }

    /// What stays with workers passes through no codec and no server optimiser: where these move nothing that is shared, all that
    /// workers have is the same.
    @Test func statisticsAreNeverRounded() async throws {
        func report(_ uplink: String, _ optimizer: ServerOptimizerSpec) async throws -> RunReport {
            var config = try Self.config(Self.fedRBN(lambda: 0.5), uplink: uplink)
            config.strategy.optimizer = optimizer
            return try await Self.run(config, adversarial: AdversarialWorkers([1]))
        }
        let exact = try await report("dense-float32", ServerOptimizerSpec(learningRate: 1e-30))
        for uplink in ["ternary", "uniform"] {
            for name in [ServerOptimizerSpec.Name.sgd, .adam] {
                let rounded = try await report(uplink, ServerOptimizerSpec(name: name, learningRate: 1e-30))
                #expect(Self.isSame(rounded, exact), "\(uplink)")
            }
        }
    }

    /// With one adversarial worker all others have its adversarial statistics to the bit, whatever the uplink loses.
    @Test(arguments: ["dense-float32", "ternary"]) func oneWorkersStatisticsAreEverybodys(uplink: String) async throws {
        let config = try Self.config(Self.fedRBN(lambda: 0.5), uplink: uplink)
        _ = try await InProcessSimulationTests.run(
            config, workers: 3, adversarial: AdversarialWorkers([2]), keepsPersonalModels: true
        ) { _ in
        } look: { folder in
            let models = try (1...3).map { number in
                let file = folder.appendingPathComponent("personal/worker-\(number).safetensors")
                return try SafetensorsModel.read(file.path)
            }
            for (parameter, segment) in zip(models[1].layout.parameters, models[1].layout.segments) {
                for other in [models[0], models[2]] {
                    let isSame = other.values[segment] == models[1].values[segment]
                    let isPropagated = parameter.name.contains(".adversarial.running_")
                    let isShared = !ParameterRole.normalization.contains(parameter.role)
                    #expect(isSame == (isPropagated || isShared), "\(parameter.name)")
                }
            }
        }
    }

    /// Where all travels there is one model, which counts at every worker.
    @Test func oneModelIsMeasuredAtEveryWorker() async throws {
        let config = try Self.config(StrategySpec(name: "fatavg"), rounds: 2)
        let report = try await Self.run(config, adversarial: AdversarialWorkers([1]))
        let personal = try #require(report.final.personal)
        #expect(report.final.accuracy != nil && personal.workers == 4)
        #expect(abs(personal.accuracy - personal.lowestAccuracy) < 1e-12)
    }

    /// Who was never chosen uses the model by statistics that were propagated to it.
    @Test func whoWasNeverChosenGetsStatistics() async throws {
        let config = try Self.config(Self.fedRBN(lambda: 0.5), rounds: 1, fraction: 0.5)
        #expect(try await Self.run(config, adversarial: .all, workers: 6).final.personal?.workers == 6)
        #expect(try await Self.run(config, adversarial: nil, workers: 6).final.personal?.workers == 3)
        var clean = config
        clean.evaluation.adversarialShare = 0
        #expect(try await Self.run(clean, adversarial: .all, workers: 6).final.personal?.workers == 3)
    }

    @Test func roundsWithoutAdversarialWorkersAreTold() async throws {
        func told(_ adversarial: AdversarialWorkers?, fraction: Double) async throws -> [(RoundID, RoundID?)] {
            let rounds = Mutex<[(RoundID, RoundID?)]>([])
            let config = try Self.config(Self.fedRBN(lambda: 0.5), rounds: 6, fraction: fraction)
            _ = try await InProcessSimulationTests.run(config, workers: 4, adversarial: adversarial) { event in
                guard case .withoutAdversarialWorkers(let round, let newest) = event else { return }
                rounds.withLock { $0.append((round, newest)) }
            }
            return rounds.withLock { $0 }
        }
        let never = try await told(nil, fraction: 1)
        #expect(never.map(\.0) == [RoundID(1)] && never.allSatisfy { $0.1 == nil })
        #expect(try await told(.all, fraction: 1).isEmpty)
        let sometimes = try await told(AdversarialWorkers([1]), fraction: 0.5)
        #expect(!sometimes.isEmpty)
        for (round, newest) in sometimes { #expect(newest == nil || newest?.next == round) }
    }

    /// Of a model of base networks, each base's statistics come from those who trained it.
    @Test func baseNetworksPropagateToo() async throws {
        var config = try Self.config(
            Self.fedRBN(lambda: 0.5, warmup: 1, baseWidth: try WidthRatio(1, 4)), rounds: 4)
        config.model.width = .full
        let budgets = try SplitMixSimulationTests.budgets()
        let one = try await Self.run(config, adversarial: AdversarialWorkers([1, 4]), threads: 1, budgets: budgets)
        let two = try await Self.run(config, adversarial: AdversarialWorkers([1, 4]), threads: 2, budgets: budgets)
        #expect(Self.isSame(one, two))
        #expect(one.baseUpdates?.count == 4 && one.final.personal?.workers == 4)
        config.strategy.lambda = 0
        let without = try await Self.run(config, adversarial: AdversarialWorkers([1, 4]), budgets: budgets)
        #expect(without.modelSHA256 != one.modelSHA256)
    }
}
