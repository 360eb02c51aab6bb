// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct RunReplayTests {
    /// A finished run of three rounds whose server remembers moments, and whose downlink a residual.
    private func finishedRun(
        keepsJournals: Bool, aggregator: AggregatorSpec = AggregatorSpec()
    ) async throws -> (CoordinatorTests.Federation, RunConfig, RunReport) {
        var config = try CoordinatorTests.config(rounds: 3, workers: 2)
        config.keepJournals = keepsJournals
        config.strategy = StrategySpec(
            optimizer: ServerOptimizerSpec(name: .yogi, learningRate: 0.1), aggregator: aggregator)
        config.downlink = CodecSpec(CodecID("stc"), density: 0.5)
        let federation = try await CoordinatorTests.federation(config)
        let (report, _) = try await CoordinatorTests.run(
            federation,
            [
                try CoordinatorTests.worker("a", adding: [1, 0.5, 0, -1], examples: 30),
                try CoordinatorTests.worker("b", adding: [0, 1, 0.25, -4], examples: 10),
            ])
        return (federation, config, report)
    }

    private func replay(_ federation: CoordinatorTests.Federation, _ config: RunConfig) async throws -> ReplayFindings {
        let layout = try #require(CoordinatorTests.layout)
        let run = try #require(try await federation.store.runs().first)
        let model = CentralModel(
            layout: layout, initialParameters: { _ in ParameterVector(zeros: layout) }, evaluate: nil)
        return try await RunReplay(
            run, config: config, model: model, store: federation.store,
            folder: federation.folder.appendingPathComponent(run.id.rawValue)
        ).carryOut()
    }

    @Test(arguments: [AggregatorSpec(), AggregatorSpec(name: .median)])
    func aRunThatKeptItsJournalsIsMadeAgain(_ aggregator: AggregatorSpec) async throws {
        let (federation, config, report) = try await finishedRun(keepsJournals: true, aggregator: aggregator)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let findings = try await replay(federation, config)
        #expect(findings.replayed.map(\.rawValue) == [1, 2, 3] && findings.updates == 6 && findings.notReplayed == 0)
        #expect(findings.checkpoints.map(\.rawValue) == [2, 3])
        #expect(findings.files == ["model.safetensors", "report.json"])
        #expect(findings.records.rounds == 3 && findings.records.hash == report.recordSHA256)
        // The rule is part of what is replayed: another learning rate does not make the recorded models.
        var other = config
        other.strategy.optimizer = ServerOptimizerSpec(name: .yogi, learningRate: 0.2)
        let error = await #expect(throws: StoreError(.corrupt, "")) { try await replay(federation, other) }
        #expect(error?.message.contains("round 1") == true)
    }

    @Test func withoutJournalsOnlyRecordsAndModelsAreChecked() async throws {
        let (federation, config, _) = try await finishedRun(keepsJournals: false)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let findings = try await replay(federation, config)
        #expect(findings.replayed.isEmpty && findings.notReplayed == 3)
        #expect(findings.records.rounds == 3 && findings.checkpoints.map(\.rawValue) == [2, 3])
    }

    @Test func whatFollowsAnUnknownModelStartsFromACheckpoint() async throws {
        let (federation, config, _) = try await finishedRun(keepsJournals: true)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let run = try #require(try await federation.store.runs().first)
        try await federation.store.discardJournals(of: run.id, before: RoundID(2))
        // Model 1 is not kept: round 2 cannot be made again, round 3 can.
        #expect(try await replay(federation, config).replayed.map(\.rawValue) == [3])
    }

    @Test func aModelFileThatWasChangedIsFound() async throws {
        let (federation, config, _) = try await finishedRun(keepsJournals: false)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let run = try #require(try await federation.store.runs().first)
        let folder = federation.folder.appendingPathComponent(run.id.rawValue)
        for name in ["model.safetensors", "report.json"] {
            let file = folder.appendingPathComponent(name)
            let bytes = try Data(contentsOf: file)
            var damaged = bytes
            if name == "report.json" {
                damaged = Data(
                    String(decoding: bytes, as: UTF8.self).replacingOccurrences(
                        of: "\"modelSHA256\" : \"", with: "\"modelSHA256\" : \"0"
                    ).utf8)
                try #require(damaged != bytes)
            } else {
                damaged[damaged.count - 1] ^= 1
            }
            try damaged.write(to: file)
            let error = await #expect(throws: StoreError(.corrupt, "")) { try await replay(federation, config) }
            #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
            try bytes.write(to: file)
        }
    }
}
