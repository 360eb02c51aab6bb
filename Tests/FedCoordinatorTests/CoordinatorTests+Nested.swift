// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedTransport
import FedWire
import Foundation
import Testing

/// One network of which workers train as wide a slice as they can afford.
extension CoordinatorTests {
    /// A layer of four inputs of which narrow networks have the first channels, and a bias; the levels are 1/4, 1/2 and 1.
    static func nestedLayout(_ channels: Int) throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "w", shape: [channels, 2 * channels], role: .weight),
            ParameterSpec(name: "b", shape: [channels], role: .bias),
        ])
    }

    static func nestedLevels() throws -> [NestedLevel] {
        try [1, 2, 4].map {
            try NestedLevel(width: WidthRatio($0, 4), layout: nestedLayout($0), of: nestedLayout(4))
        }
    }

    static func nestedConfig(rounds: Int, workers: Int, quorum: Double = 1) throws -> RunConfig {
        var config = try config(rounds: rounds, workers: workers, quorum: quorum, deadline: 60)
        config.strategy = StrategySpec(
            name: "heterofl", widths: try [WidthRatio(1, 4), WidthRatio(1, 2), .full])
        return config
    }

    static func nestedFederation(
        _ config: RunConfig, store: MemoryRunStore = MemoryRunStore()
    ) async throws -> Federation {
        try await federation(config, store: store, layout: nestedLayout(4), levels: nestedLevels())
    }

    @Test func onlyTheSliceTravelsAndMoves() async throws {
        var config = try Self.nestedConfig(rounds: 5, workers: 2)
        config.keepJournals = true
        let federation = try await Self.nestedFederation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let workers = try [("a", 1), ("b", 2)].map { try Self.narrow($0, WidthRatio($1, 4)) }
        let (report, verdicts) = try await Self.run(federation, workers)
        #expect(verdicts.allSatisfy { $0 == Array(repeating: .accepted, count: 5) })
        // Three and ten values of four bytes, and headers of four, both ways.
        #expect(report.final.uplinkBytes == 5 * (16 + 44))
        #expect(report.final.downlinkBytes == report.final.uplinkBytes)
        #expect(report.final.denseUplinkBytes == 5 * 52)
        #expect(report.final.denseDownlinkBytes == 10 * 24, "as much as a mean update")
        #expect(report.widthUpdates == ["1/4": 5, "1/2": 5, "1": 0] && report.baseUpdates == nil)
        for round in try await federation.store.rounds(of: report.run) {
            #expect(round.plan.drawn == nil)
            #expect(
                round.plan.assignments.map(\.scope) == [try .nested(WidthRatio(1, 4)), try .nested(WidthRatio(1, 2))])
            #expect(round.record?.accepted.map(\.width) == round.plan.assignments.map(\.scope.width))
        }
        let model = try await federation.store.checkpoint(
            of: report.run, version: ModelVersion(5), layout: try Self.nestedLayout(4)
        ).parameters.values
        // The slice of 1/2 has the first four of eight columns of two rows, and two biases.
        let held: Set = [0, 1, 2, 3, 8, 9, 10, 11, 32, 33]
        for index in model.indices { #expect((model[index] != 0) == held.contains(index)) }
        // What both hold goes the middle way, the rest the way of b alone.
        #expect(model[0] == model[1] && model[0] != model[2] && model[2] == model[33])
        let run = try #require(try await federation.store.runs().first)
        let central = CentralModel(
            layout: try Self.nestedLayout(4), levels: try Self.nestedLevels(),
            initialParameters: { _ in ParameterVector(zeros: try Self.nestedLayout(4)) }, evaluate: nil)
        let findings = try await RunReplay(
            run, config: config, model: central, store: federation.store,
            folder: federation.folder.appendingPathComponent(run.id.rawValue)
        ).carryOut()
        #expect(findings.replayed.count == 5 && findings.updates == 10)
    }

    @Test func aBudgetBelowTheNarrowestIsRefused() async throws {
        let federation = try await Self.nestedFederation(Self.nestedConfig(rounds: 1, workers: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let poor = try Self.narrow("a", WidthRatio(1, 5))
        let error = await #expect(throws: PeerError.self) {
            try await InProcessTransport.withPair(
                client: { _ = try await poor.work(over: $0) },
                server: { await federation.coordinator.converse(with: poor.name, over: $0) })
        }
        #expect(error?.code == .notAdmitted)
        #expect(error?.message.contains("--budget 1/4 or more") == true)
    }

    /// What a worker claims to have trained must be what it was asked for, and what the model has.
    @Test(arguments: ["1/2", "1/3", "1", "whole-model", "bases:0"])
    func anotherLevelIsRefused(_ text: String) async throws {
        let federation = try await Self.nestedFederation(
            Self.nestedConfig(rounds: 1, workers: 2, quorum: 0.5))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let name = text.count > 3 ? text : "nested:\(text)"
        let scope = try JSONDecoder().decode([UpdateScope].self, from: Data("[\"\(name)\"]".utf8))[0]
        var hostile = FakeWorker(name: try WorkerID("x")) { _, _ in
            FakeWorker.Answer(change: [Float](repeating: 9, count: 36), tamper: { $0.scope = scope })
        }
        hostile.budget = try WidthRatio(1, 4)
        let (report, verdicts) = try await Self.run(federation, [try Self.narrow("a", .full), hostile])
        #expect(report.rounds[0].accepted == 1)
        guard case .refused(.wrongScope, _) = verdicts[1].first else {
            Issue.record("the hostile worker got \(verdicts[1])")
            return
        }
    }

    /// A coordinator that goes on reads the slices from its journal.
    @Test func slicesSurviveARestart() async throws {
        let config = try Self.nestedConfig(rounds: 4, workers: 3)
        func workers() throws -> [FakeWorker] {
            try [("a", 1), ("b", 2), ("c", 4)].map { try Self.narrow($0, WidthRatio($1, 4)) }
        }
        let undisturbed = try await Self.nestedFederation(config)
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let (expected, _) = try await Self.run(undisturbed, workers())
        let store = MemoryRunStore()
        let first = try await Self.nestedFederation(config, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        var leaving = try workers()
        let honest = leaving[1]
        leaving[1] = FakeWorker(name: honest.name) { assignment, model in
            assignment.round.rawValue == 2 ? nil : await honest.answer(assignment, model)
        }
        leaving[1].budget = honest.budget
        let all = leaving
        let interrupted = Task { try await Self.run(first, all) }
        await Self.wait(for: first.events) { if case .workerLost = $0 { true } else { false } }
        interrupted.cancel()
        _ = await interrupted.result
        let second = try await Self.nestedFederation(config, store: store)
        defer { try? FileManager.default.removeItem(at: second.folder) }
        let (report, _) = try await Self.run(second, workers())
        #expect(report.modelSHA256 == expected.modelSHA256 && report.widthUpdates == expected.widthUpdates)
    }
}
