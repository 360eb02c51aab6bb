// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedTransport
import FedWire
import FedWorker
import Foundation
import Testing

/// Ternary updates of shared scales, and their sums on the way down.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SharedScalesTests {
    static func config(rounds: Int = 5, deadline: Double = 20, quorum: Double = 1) throws -> RunConfig {
        var config = try CoordinatorTests.config(rounds: rounds, workers: 2, quorum: quorum, deadline: deadline)
        config.uplink = CodecSpec(CodecID("ternary"), scales: .shared)
        config.downlink = CodecSpec(CodecID("ternary-sum"), verifyEvery: 1)
        config.strategy.weighting = .uniform
        config.strategy.optimizer = ServerOptimizerSpec(learningRate: 0.5, momentum: 0.9, weightDecay: 0.01)
        return config
    }

    static func worker(
        _ name: String, _ models: StepDownlinkTests.Models = .init(), scales: FakeWorker.Scales = .shared,
        meddle: @escaping @Sendable (inout ModelCopy, RoundID) -> Void = { _, _ in }
    ) throws -> FakeWorker {
        var worker = try StepDownlinkTests.worker(name, models, meddle: meddle)
        worker.scales = scales
        return worker
    }

    @Test func everybodyTakesTheStepsOfTheServer() async throws {
        var config = try Self.config()
        config.cohort.minimumWorkers = 3
        let federation = try await StepDownlinkTests.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let models = StepDownlinkTests.Models()
        let workers = try ["a", "b", "c"].map { try Self.worker($0, models) }
        let (report, verdicts) = try await CoordinatorTests.run(federation, workers)
        #expect(verdicts.allSatisfy { $0 == Array(repeating: .accepted, count: 5) })
        #expect(models.all.count == 5 && models.all.values.allSatisfy { $0.count == 1 })
        #expect(StepDownlinkTests.repairs(federation).isEmpty)
        #expect(report.rounds[0].downlinkBytes == 3 * (4 + 4 * 304))
        // 300 sums of seven levels, at most 2.9 bits each, with 4 exact values.
        for round in report.rounds.dropFirst() { #expect(round.downlinkBytes < 3 * 160) }
    }

    /// A worker that comes back without its copy is given the moments, too.
    @Test func aRepairBringsTheMomentsAlong() async throws {
        let federation = try await StepDownlinkTests.federation(Self.config())
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let models = StepDownlinkTests.Models()
        let forgetful = try Self.worker("b", models) { copy, round in
            if round.rawValue == 3 { copy.model?.parameters.withMutableValues { $0[0] += 1 } }
        }
        _ = try await CoordinatorTests.run(federation, [try Self.worker("a", models), forgetful])
        #expect(StepDownlinkTests.repairs(federation) == ["b 3: the steps led it to another model"])
        #expect(models.all.values.allSatisfy { $0.count == 1 })
    }

    @Test func anUpdateOfOtherScalesIsRefused() async throws {
        let federation = try await StepDownlinkTests.federation(Self.config(rounds: 1, quorum: 0.5))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await CoordinatorTests.run(
            federation, [try Self.worker("a"), try Self.worker("b", scales: .own)])
        #expect(verdicts[0] == [.accepted])
        guard case .refused(.undecodable, _) = verdicts[1].first else {
            Issue.record("the other worker got \(verdicts[1])")
            return
        }
        #expect(report.rounds[0].accepted == 1 && report.rounds[0].refused == 1)
    }

    @Test(arguments: [FakeWorker.Scales.invalid, .none]) func nobodyWaitsLongForScales(
        _ scales: FakeWorker.Scales
    ) async throws {
        let federation = try await StepDownlinkTests.federation(
            Self.config(rounds: 1, deadline: 10, quorum: 0.5))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await CoordinatorTests.run(
            federation, [try Self.worker("a"), try Self.worker("b", scales: scales)])
        #expect(verdicts[0] == [.accepted])
        // Who never reports gets the scales at half of the deadline; whose report is of no use is out at once.
        #expect(report.rounds[0].accepted == (scales == .none ? 2 : 1))
        #expect(report.rounds[0].seconds < 9)
    }

    /// Half of the deadline passes with one report, of a round that needs two: that one alone must not decide.
    @Test func nobodyDictatesTheScalesOfARoundThatNeedsMore() async throws {
        let federation = try await StepDownlinkTests.federation(Self.config(rounds: 1, deadline: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let error = await #expect(throws: CoordinatorError.self) {
            _ = try await CoordinatorTests.run(
                federation, [try Self.worker("a"), try Self.worker("b", scales: .none)])
        }
        #expect(error?.code == .quorumNotReached)
        #expect(error?.message.contains("0 of the 2") == true, "\(error?.message ?? "")")
        #expect(federation.events.refusals.isEmpty)
    }

    /// As after the loss of the coordinator's file of scales: the worker trains again, and nothing is counted against it.
    @Test(arguments: [1, 9]) func anUpdateOfScalesThatNobodyKnowsIsNoFault(_ times: Int) async throws {
        let federation = try await StepDownlinkTests.federation(
            Self.config(rounds: 1, deadline: 60, quorum: times == 1 ? 1 : 0.5))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await CoordinatorTests.run(
            federation, [try Self.worker("a"), try Self.worker("b", scales: .early(times))])
        #expect(verdicts[0] == [.accepted])
        #expect(verdicts[1].count == 2)
        for (index, verdict) in verdicts[1].enumerated() where index == 0 || times > 1 {
            guard case .refused(.undecodable, _) = verdict else {
                Issue.record("the other worker got \(verdicts[1])")
                return
            }
        }
        #expect(times > 1 || verdicts[1].last == .accepted)
        #expect(report.rounds[0].accepted == (times == 1 ? 2 : 1))
        #expect(report.rounds[0].refused == 0, "a refusal would count towards quarantine")
    }

    @Test func scalesThatCannotBeKeptAreNotTold() async throws {
        let federation = try await StepDownlinkTests.federation(Self.config(rounds: 1, deadline: 60))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let run = try #require(try await federation.store.runs().first).id
        // No file takes the place of a folder.
        try FileManager.default.createDirectory(
            at: federation.folder.appendingPathComponent("\(run.rawValue)/shared-scales.json/full"),
            withIntermediateDirectories: true)
        await #expect(throws: StoreError.self) {
            _ = try await CoordinatorTests.run(federation, [try Self.worker("a"), try Self.worker("b")])
        }
        let isCommitted = federation.events.all.contains { if case .roundCommitted = $0 { true } else { false } }
        #expect(!isCommitted)
    }

    @Test func whoCannotShareScalesIsTurnedAway() async throws {
        let federation = try await StepDownlinkTests.federation(Self.config(rounds: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let stranger = try StepDownlinkTests.worker("stranger")
        let error = await #expect(throws: PeerError.self) {
            try await InProcessTransport.withPair(
                client: { _ = try await stranger.work(over: $0) },
                server: { await federation.coordinator.converse(with: stranger.name, over: $0) })
        }
        #expect(error?.code == .notAdmitted)
    }

    /// Every entry of the mean is a whole multiple of s/N, and a step gives it back.
    @Test func sumsAreExact() throws {
        let layout = try ModelLayout([
            ParameterSpec(name: "a", shape: [1000], role: .weight), ParameterSpec(name: "b", shape: [7], role: .bias),
            ParameterSpec(name: "n.running_mean", shape: [3], role: .cleanStatistics),
        ])
        let ternary = TernaryCodec()
        var generator = SeededGenerator(key: 5)
        let updates = try (0..<5).map { _ in
            // The second tensor is so small that fixed point hardly sees it.
            try ParameterVector(
                layout: layout,
                values: (0..<1010).map { index in
                    let value = Float(generator.nextIndex(below: 2001) - 1000) / 1000
                    return index >= 1000 && index < 1007 ? value * 3e-12 : value
                })
        }
        var shared = FedCodecs.SharedScales(count: 2)
        for update in updates { try shared.take(try ternary.scales(of: update)) }
        let codec = SharedTernaryCodec(ternary, scales: shared.values)
        var aggregation = try WeightedMeanAggregator().begin(count: 1010, weightBound: 5)
        var sums = [Int](repeating: 0, count: 1010)
        for (number, update) in updates.enumerated() {
            let payload = try codec.encode(update, generator: SeededGenerator(key: UInt64(number)))
            let folding = FoldingUpdate(codec: codec, layout: layout, byteCount: payload.count, weight: 1)
            folding.push(payload, into: &aggregation)
            folding.finish()
            #expect(folding.failure == nil)
            try aggregation.count(weight: 1)
            let decoded = try codec.decode(payload, layout: layout).values
            for index in 0..<1007 {
                sums[index] += decoded[index] == 0 ? 0 : (decoded[index] > 0 ? 1 : -1)
            }
        }
        let rule = ServerRule(optimizer: ServerOptimizerSpec().optimizer, rounds: 1)
        let maker = ModelMaker(kind: .gradients, rule: rule, codec: TernarySumCodec(), seed: 1)
        var model = ServerModel(parameters: ParameterVector(zeros: layout))
        let mean = aggregation.finish()
        let step = try #require(
            try maker.advance(&model, by: &aggregation, scales: shared.values, round: RoundID(1)))
        for index in 0..<1007 {
            let scale = shared.values[index < 1000 ? 0 : 1]
            #expect(abs(model.parameters.values[index] - Float(sums[index]) * scale / 5) <= 1e-6 * scale)
        }
        #expect(Array(model.parameters.values[1007...]) == Array(mean[1007...]))
        var copy = ServerModel(parameters: ParameterVector(zeros: layout))
        try maker.steps.take(TernarySumCodec().decode(step, layout: layout).values, to: ModelVersion(1), from: &copy)
        #expect(copy == model)
    }
}
