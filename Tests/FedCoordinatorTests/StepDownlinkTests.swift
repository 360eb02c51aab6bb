// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedWire
import FedWorker
import Foundation
import Synchronization
import Testing

/// Models that travel down as steps.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StepDownlinkTests {
    /// The models that workers trained from, by round.
    final class Models: Sendable {
        private let seen = Mutex<[RoundID: Set<[Float]>]>([:])
        func add(_ model: [Float], _ round: RoundID) { seen.withLock { _ = $0[round, default: []].insert(model) } }
        var all: [RoundID: Set<[Float]>] { seen.withLock { $0 } }
    }

    static let large = try? ModelLayout([
        ParameterSpec(name: "w", shape: [300], role: .weight),
        ParameterSpec(name: "n.running_var", shape: [4], role: .cleanStatistics),
    ])

    static func config(_ codec: String, rounds: Int = 6, workers: Int = 2, verifyEvery: Int? = nil) throws -> RunConfig
    {
        var config = try CoordinatorTests.config(rounds: rounds, workers: workers)
        config.downlink = CodecSpec(CodecID(codec), verifyEvery: verifyEvery)
        config.strategy.optimizer = ServerOptimizerSpec(name: .adam, learningRate: 0.1)
        return config
    }

    static func federation(
        _ config: RunConfig, store: MemoryRunStore = MemoryRunStore()
    ) async throws -> CoordinatorTests.Federation {
        try await CoordinatorTests.federation(config, store: store, layout: large)
    }

    static func worker(
        _ name: String, _ models: Models = Models(), takesSteps: Bool = true, absentIn rounds: Set<Int> = [],
        meddle: @escaping @Sendable (inout ModelCopy, RoundID) -> Void = { _, _ in }
    ) throws -> FakeWorker {
        let scale = Float(name.utf8.first ?? 0) / 100
        return FakeWorker(name: try WorkerID(name), takesSteps: takesSteps, meddle: meddle) { assignment, model in
            models.add(model, assignment.round)
            if rounds.contains(assignment.round.rawValue) { return nil }
            return FakeWorker.Answer(
                change: model.enumerated().map { ($1 + scale) * 0.1 + Float($0 % 7) * 0.01 })
        }
    }

    static func repairs(_ federation: CoordinatorTests.Federation) -> [String] {
        federation.events.all.compactMap {
            if case .repaired(let worker, let round, let reason) = $0 { "\(worker) \(round): \(reason)" } else { nil }
        }
    }

    @Test func everybodyTrainsFromTheSameModelAndFewBytesGoDown() async throws {
        let federation = try await Self.federation(Self.config("stc", workers: 3, verifyEvery: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let models = Models()
        let (report, verdicts) = try await CoordinatorTests.run(
            federation,
            [
                try Self.worker("a", models), try Self.worker("b", models),
                try Self.worker("c", models, takesSteps: false),
            ])
        #expect(verdicts.allSatisfy { $0 == Array(repeating: .accepted, count: 6) })
        #expect(models.all.count == 6 && models.all.values.allSatisfy { $0.count == 1 })
        #expect(Self.repairs(federation).isEmpty)
        let whole = 4 + 4 * 304
        #expect(report.rounds[0].downlinkBytes == 3 * whole)
        for round in report.rounds.dropFirst() {
            // Two steps of 300 trits and 4 exact values, and one whole model.
            #expect(round.downlinkBytes > whole && round.downlinkBytes < whole + 2 * 100)
        }
    }

    @Test func stepsOfHalfTheBitsLeadEverybodyToTheSameModel() async throws {
        var config = try Self.config("top-k", rounds: 4)
        config.downlink = CodecSpec(CodecID("top-k"), density: 0.1, values: .float16, verifyEvery: 1)
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let models = Models()
        let (report, _) = try await CoordinatorTests.run(
            federation, [try Self.worker("a", models), try Self.worker("b", models)])
        #expect(models.all.count == 4 && models.all.values.allSatisfy { $0.count == 1 })
        #expect(Self.repairs(federation).isEmpty)
        // 30 places and values of 16 bits, 4 exact values, and a few bytes about them.
        for round in report.rounds.dropFirst() { #expect(round.downlinkBytes < 2 * 160) }
    }

    @Test func aCorruptedCopyIsRepaired() async throws {
        for every in [1, 3, 0] {
            let federation = try await Self.federation(Self.config("stc", verifyEvery: every))
            defer { try? FileManager.default.removeItem(at: federation.folder) }
            let models = Models()
            let broken = try Self.worker("b", models) { copy, round in
                guard round.rawValue == 4 else { return }
                copy.model?.parameters.withMutableValues { $0[17] += 0.5 }
            }
            let (report, _) = try await CoordinatorTests.run(federation, [try Self.worker("a", models), broken])
            #expect(report.rounds.count == 6)
            let different = models.all.filter { $0.value.count > 1 }.map(\.key.rawValue).sorted()
            switch every {
            case 1:
                #expect(Self.repairs(federation) == ["b 4: the steps led it to another model"])
                #expect(different == [])
                #expect(report.rounds[3].downlinkBytes > 4 + 4 * 304)
                #expect(report.verification == CopyChecks(comparisons: 10, repairs: 1))
            case 3:
                // After the first steps, in round 2, and three rounds later; after a repair at once.
                #expect(Self.repairs(federation) == ["b 5: the steps led it to another model"])
                #expect(different == [4])
                #expect(report.verification == CopyChecks(comparisons: 5, repairs: 1))
            default:
                #expect(Self.repairs(federation).isEmpty)
                #expect(report.verification == CopyChecks())
                #expect(different == [4, 5, 6])
            }
        }
    }

    /// Each worker's copy is corrupted when it is chosen for the second time, whichever round that is.
    @Test func whoeverIsChosenSeldomIsVerifiedToo() async throws {
        var config = try Self.config("stc", rounds: 9, workers: 3)
        config.cohort.fraction = 0.34
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let rounds = Mutex<[String: Set<RoundID>]>([:])
        let models = Models()
        let workers = try ["a", "b", "c"].map { name in
            try Self.worker(name, models) { copy, round in
                let isSecond = rounds.withLock { rounds in
                    let isNew = rounds[name, default: []].insert(round).inserted
                    return isNew && rounds[name]?.count == 2
                }
                if isSecond { copy.model?.parameters.withMutableValues { $0[17] += 0.5 } }
            }
        }
        let (report, _) = try await CoordinatorTests.run(federation, workers)
        let expected = rounds.withLock { rounds in
            rounds.compactMap { name, rounds in
                rounds.count < 2 ? nil : "\(name) \(rounds.sorted()[1]): the steps led it to another model"
            }
        }
        #expect(!expected.isEmpty)
        #expect(Set(Self.repairs(federation)) == Set(expected))
        #expect(models.all.count == 9)
        let checks = try #require(report.verification)
        #expect(checks.repairs == expected.count && checks.comparisons >= expected.count)
    }

    @Test func runsWithoutStepsVerifyNothing() async throws {
        let federation = try await Self.federation(Self.config("dense-float32", rounds: 2))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, _) = try await CoordinatorTests.run(federation, [try Self.worker("a"), try Self.worker("b")])
        #expect(report.verification == nil)
    }

    @Test func whoLostItsCopyGetsTheWholeModel() async throws {
        let federation = try await Self.federation(Self.config("stc"))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let models = Models()
        let forgetful = try Self.worker("b", models) { copy, round in
            if round.rawValue == 3 { copy = ModelCopy() }
        }
        let (report, _) = try await CoordinatorTests.run(federation, [try Self.worker("a", models), forgetful])
        #expect(report.rounds.allSatisfy { $0.accepted == 2 })
        #expect(models.all.values.allSatisfy { $0.count == 1 })
        #expect(Self.repairs(federation) == ["b 3: it does not hold the model that the steps begin with"])
    }

    /// The residual and the moments are in the checkpoint.
    @Test(arguments: ["stc", "ternary-sum"]) func aRestartChangesNoBit(_ codec: String) async throws {
        let isSum = codec == "ternary-sum"
        let config = try isSum ? SharedScalesTests.config() : Self.config(codec, rounds: 5)
        func worker(_ name: String, absentIn rounds: Set<Int> = []) throws -> FakeWorker {
            var worker = try Self.worker(name, absentIn: rounds)
            if isSum { worker.scales = .shared }
            return worker
        }
        let undisturbed = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let expected = try await CoordinatorTests.run(
            undisturbed, [try worker("a"), try worker("b")]
        ).0.modelSHA256

        let store = MemoryRunStore()
        let first = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        let interrupted = Task {
            try await CoordinatorTests.run(first, [try worker("a"), try worker("b", absentIn: [4])])
        }
        while !first.events.all.contains(where: { if case .workerLost = $0 { true } else { false } }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        interrupted.cancel()
        _ = await interrupted.result
        let second = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: second.folder) }
        let (report, _) = try await CoordinatorTests.run(second, [try worker("a"), try worker("b")])
        #expect(report.modelSHA256 == expected)
        #expect(report.rounds.count == 5)
    }
}
