// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedSimulation
import FedStrategies
import FedTraining
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct InProcessSimulationTests {
    /// A run on the embedded digits, small enough to repeat often.
    static func config(
        uplink: String = "dense-float32", downlink: String = "dense-float32", partition: PartitionSpec = .iid,
        model: ModelSpec = ModelSpec(architecture: "mlp", hidden: [16]), learningRate: Float = 0.1, rounds: Int = 4,
        fraction: Double = 0.5, seed: UInt64 = 1, every: Int = 0
    ) -> RunConfig {
        RunConfig(
            name: "test", seed: seed, model: model, data: .init(dataset: "digits", partition: partition),
            training: LocalTrainingSpec(
                batchSize: 10, optimizer: OptimizerSpec(learningRate: learningRate, momentum: 0.9)),
            uplink: .init(CodecID(uplink)), downlink: .init(CodecID(downlink)), rounds: rounds,
            cohort: .init(fraction: fraction), evaluation: .init(every: every))
    }

    static func central(_ config: RunConfig, _ split: DatasetSplit) throws -> CentralModel {
        let layout = try ModelZoo.layout(config.network, for: split.train)
        let parts = ModelParts(layout, keeping: config.ownRoles)
        @Sendable func network(batch: Int) throws -> Network {
            try ModelZoo.makeNetwork(
                config.network, input: split.test.input, classes: split.test.classes, maximumBatch: batch)
        }
        var evaluate: (@Sendable (ParameterVector) throws -> Evaluation)?
        if parts.isWhole {
            evaluate = { parameters in
                let network = try network(batch: 64)
                try network.loadParameters(parameters.values)
                return try Evaluator.evaluate(network: network, data: split.test)
            }
        }
        return CentralModel(
            layout: layout, parts: parts,
            initialOwn: try ModelZoo.initialOwn(
                parts, of: config.network, input: split.train.input, classes: split.train.classes),
            levels: try ModelZoo.levels(
                of: config.network, input: split.train.input, classes: split.train.classes),
            initialParameters: { generator in
                let network = try network(batch: 1)
                network.initialize(using: generator)
                return try ParameterVector(
                    layout: parts.travelling, values: parts.travelling(of: network.parameters()))
            },
            evaluate: evaluate)
    }

    /// Runs it in a folder of its own, which is gone afterwards.
    static func run(
        _ config: RunConfig, workers: Int = 12, threads: Int = 2, attackers: Attackers? = nil,
        budgets: WorkerBudgets? = nil, adversarial: AdversarialWorkers? = nil,
        keepsPersonalModels: Bool = false,
        observe: @escaping @Sendable (CoordinatorEvent) -> Void = { _ in },
        look: (URL) throws -> Void = { _ in }
    ) async throws -> RunReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-inprocess-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let split = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let simulation = try InProcessSimulation(
            config: config, workers: workers, threads: threads, model: central(config, split), train: split.train,
            test: split.test, output: folder, attackers: attackers, budgets: budgets,
            adversarial: adversarial, keepsPersonalModels: keepsPersonalModels, observe: observe)
        let outcome = try await simulation.run()
        #expect(outcome.clientsPerSecond > 0 && outcome.clientsPerProcessorSecond > 0)
        try look(folder)
        return outcome.report
    }

    @Test(arguments: [
        config(), config(uplink: "ternary"), config(uplink: "dense-float16", downlink: "dense-float16"),
        config(partition: .dirichlet(alpha: 0.1)), config(partition: .classesPerWorker(classes: 2), fraction: 1),
        config(model: ModelSpec(architecture: "resnet20", width: try WidthRatio(1, 8)), rounds: 1),
    ])
    func theNumberOfThreadsDoesNotMatter(config: RunConfig) async throws {
        let one = try await Self.run(config, threads: 1).modelSHA256
        #expect(one.count == 64)
        #expect(try await Self.run(config, threads: 2).modelSHA256 == one)
        #expect(try await Self.run(config, threads: 3).modelSHA256 == one)
        var other = config
        other.seed = 2
        #expect(try await Self.run(other).modelSHA256 != one)
    }

    @Test func leavesWhatACoordinatorLeaves() async throws {
        let config = Self.config(uplink: "ternary", rounds: 3, fraction: 0.25, every: 2)
        let told = Mutex<[Int]>([])
        let report = try await Self.run(config) { event in
            if case .roundCommitted(let round, 3, _) = event { told.withLock { $0.append(round.round) } }
        } look: { folder in
            let written = try JSONDecoder().decode(
                RunReport.self, from: Data(contentsOf: folder.appendingPathComponent("report.json")))
            #expect(written.rounds.count == 3)
            #expect(written.modelPath == folder.appendingPathComponent("model.safetensors").path)
            #expect(FileManager.default.fileExists(atPath: written.modelPath))
            #expect(try RunFile.load(folder.appendingPathComponent("run.yaml")) == config)
        }
        #expect(told.withLock { $0 } == [2, 3])
        #expect(report.rounds.map(\.participants) == [3, 3, 3])
        #expect(report.rounds.map(\.accepted) == [3, 3, 3])
        #expect(report.rounds.map { $0.accuracy == nil } == [true, false, false])
        #expect(report.parameters == 64 * 16 + 16 + 16 * 10 + 10)
        #expect(report.final.downlinkBytes == 9 * (4 + 4 * report.parameters))
        #expect(report.final.uplinkBitsPerParameter < 2)
        #expect(report.final.accuracy == report.rounds[2].accuracy)
    }

    @Test func manyWorkersLearnTogether() async throws {
        var config = Self.config(rounds: 60, fraction: 0.2)
        config.training.epochs = 5
        let report = try await Self.run(config, workers: 100)
        #expect(report.final.accuracy ?? 0 > 0.9)
        #expect(report.workers > 90)
    }

    @Test func withoutStepsTheModelStaysAsItIs() async throws {
        var config = Self.config(rounds: 1, fraction: 1)
        config.training.steps = 0
        let still = try await Self.run(config, workers: 7).modelSHA256
        #expect(try await Self.run(config, workers: 3).modelSHA256 == still)
        config.training.steps = 1
        #expect(try await Self.run(config, workers: 3).modelSHA256 != still)
    }

    @Test func fedProxIsFedAvgWithAProximalTerm() async throws {
        var config = Self.config(rounds: 2)
        let averaged = try await Self.run(config).modelSHA256
        config.strategy = StrategySpec(name: "fedprox", mu: 0.5)
        let near = try await Self.run(config).modelSHA256
        config.strategy = StrategySpec()
        config.training.objective.append(.proximal(mu: 0.5))
        #expect(try await Self.run(config).modelSHA256 == near)
        #expect(near != averaged)
    }

    @Test func whoDivergesIsMissed() async throws {
        let reasons = Mutex<[String]>([])
        let config = Self.config(learningRate: 1e30)
        await #expect(throws: CoordinatorError(.quorumNotReached, "")) {
            _ = try await Self.run(config) { event in
                switch event {
                case .declined(_, RoundID(1), let reason), .updateRefused(_, RoundID(1), let reason):
                    reasons.withLock { $0.append(reason) }
                default: break
                }
            }
        }
        #expect(reasons.withLock { $0.count } == 6)
    }

    @Test func tooManyExamplesAreRefused() async throws {
        var config = Self.config(partition: .quantity(alpha: 0.5), rounds: 1, fraction: 1)
        config.limits.examplesPerWorker = 200
        config.cohort.quorum = 0.1
        let report = try await Self.run(config)
        #expect(report.rounds[0].refused > 0)
        #expect(report.rounds[0].refused + report.rounds[0].accepted == 12)
    }

    /// Before anybody trains, and with a sentence; where few bits are left, that is said once.
    @Test func sumsWithoutRoomAreRefused() async throws {
        var config = Self.config(rounds: 2, fraction: 1)
        config.cohort.late = .fold
        config.limits.examplesPerWorker = 10_000_000
        let told = Mutex<[Int]>([])
        let trained = Mutex(0)
        @Sendable func observe(_ event: CoordinatorEvent) {
            switch event {
            case .coarseSums(let bits, _, _): told.withLock { $0.append(bits) }
            case .roundCommitted: trained.withLock { $0 += 1 }
            default: break
            }
        }
        let error = await #expect(throws: CoordinatorError(.tooManyExamples, "")) {
            _ = try await Self.run(config, workers: 120, observe: observe)
        }
        #expect(error?.message.contains("strategy.weighting to uniform") == true)
        #expect(trained.withLock { $0 } == 0 && told.withLock { $0 } == [])
        _ = try await Self.run(config, workers: 12, observe: observe)
        #expect(told.withLock { $0 } == [19])
    }

    @Test func moreWorkersThanExamplesAreRefused() async throws {
        await #expect(throws: TrainingError(.invalidPartition, "")) {
            _ = try await Self.run(Self.config(), workers: 100_000)
        }
    }

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
        let config = Self.config()
        let split = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let simulation = try InProcessSimulation(
            config: config, workers: 2, threads: 1, model: Self.central(config, split), train: split.train,
            output: URL(fileURLWithPath: "/proc/none"), observe: { _ in })
        await #expect(throws: SimulationError(.setUp, "")) { try await simulation.run() }
    }

    @Test func cancellingEndsIt() async throws {
        let config = Self.config(rounds: 1_000_000, every: 1)
        let (rounds, told) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            try await Self.run(config) { event in
                if case .roundCommitted(let round, _, _) = event { told.yield(round.round) }
            }
        }
        for await round in rounds where round >= 3 { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
