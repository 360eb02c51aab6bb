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

/// Models of several base networks, of which workers train as many as they can afford.
extension CoordinatorTests {
    /// Four base networks of two parameters each.
    static let basesLayout = try? ModelLayout(
        (0..<4).map { ParameterSpec(name: "base.\($0)/w", shape: [2], role: .weight) })

    static func basesConfig(rounds: Int, workers: Int, quorum: Double = 1) throws -> RunConfig {
        var config = try config(rounds: rounds, workers: workers, quorum: quorum, deadline: 60)
        config.strategy = StrategySpec(
            name: "split-mix", optimizer: ServerOptimizerSpec(momentum: 0.5), baseWidth: try WidthRatio(1, 4))
        return config
    }

    /// Moves every base that it is given towards a number of its own.
    static func narrow(_ name: String, _ budget: WidthRatio) throws -> FakeWorker {
        let own = Float(name.utf8.last ?? 0) / 16
        var worker = FakeWorker(name: try WorkerID(name)) { _, model in
            FakeWorker.Answer(change: model.map { (own - $0) / 2 }, exampleCount: 10)
        }
        worker.budget = budget
        return worker
    }

    static func narrow() throws -> [FakeWorker] {
        try [("a", 1), ("b", 2), ("c", 4)].map { try narrow($0, WidthRatio($1, 4)) }
    }

    @Test func onlyTheBasesThatAreTrainedTravelAndMove() async throws {
        let federation = try await Self.federation(Self.basesConfig(rounds: 5, workers: 3), layout: Self.basesLayout)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await Self.run(federation, Self.narrow())
        #expect(verdicts.allSatisfy { $0 == Array(repeating: .accepted, count: 5) })
        // Two values of four bytes and a header of four, seven bases a round, both ways.
        #expect(report.final.uplinkBytes == 5 * 7 * 12)
        #expect(report.final.downlinkBytes == report.final.uplinkBytes)
        #expect(report.final.denseUplinkBytes == 5 * 7 * 8)
        #expect(report.final.uplinkBitsPerParameter == 48)
        #expect(report.baseUpdates?.reduce(0, +) == 35)
        for round in try await federation.store.rounds(of: report.run) {
            #expect(round.plan.drawn == 3 * round.round.rawValue)
            #expect(round.plan.assignments.map { $0.scope.bases?.count } == [1, 2, 4])
            #expect(round.record?.accepted.map(\.bases) == round.plan.assignments.map(\.scope.bases))
        }
    }

    /// A coordinator that goes on draws where it was: the same bases, the same model.
    @Test func theRoundRobinGoesOnAfterARestart() async throws {
        let config = try Self.basesConfig(rounds: 6, workers: 3)
        let undisturbed = try await Self.federation(config, layout: Self.basesLayout)
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let (expected, _) = try await Self.run(undisturbed, Self.narrow())
        for stop in [2, 4] {
            let store = MemoryRunStore()
            let first = try await Self.federation(config, store: store, layout: Self.basesLayout)
            defer { try? FileManager.default.removeItem(at: first.folder) }
            var workers = try Self.narrow()
            let honest = workers[1]
            workers[1] = FakeWorker(name: honest.name) { assignment, model in
                assignment.round.rawValue == stop ? nil : await honest.answer(assignment, model)
            }
            workers[1].budget = honest.budget
            let leaving = workers
            let interrupted = Task { try await Self.run(first, leaving) }
            await Self.wait(for: first.events) { if case .workerLost = $0 { true } else { false } }
            interrupted.cancel()
            _ = await interrupted.result
            let second = try await Self.federation(config, store: store, layout: Self.basesLayout)
            defer { try? FileManager.default.removeItem(at: second.folder) }
            let (report, _) = try await Self.run(second, Self.narrow())
            #expect(report.modelSHA256 == expected.modelSHA256)
            #expect(report.baseUpdates == expected.baseUpdates)
        }
    }

    /// Whoever leaves takes no base with it: the others' stay what they are.
    @Test func aWorkerThatLeavesChangesNoOtherBase() async throws {
        let federation = try await Self.federation(
            Self.basesConfig(rounds: 1, workers: 3, quorum: 0.6), layout: Self.basesLayout)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        var workers = try Self.narrow()
        let budget = workers[2].budget
        workers[2] = FakeWorker(name: workers[2].name) { _, _ in nil }
        workers[2].budget = budget
        let (report, _) = try await Self.run(federation, workers)
        let round = try #require(try await federation.store.rounds(of: report.run).first)
        #expect(round.record?.accepted.map(\.worker.rawValue) == ["a", "b"])
        let trained = Set(round.plan.assignments.prefix(2).flatMap { $0.scope.bases ?? [] })
        let model = try await federation.store.checkpoint(
            of: report.run, version: ModelVersion(1), layout: try #require(Self.basesLayout)
        ).parameters.values
        for base in 0..<4 { #expect((model[2 * base] != 0) == trained.contains(base)) }
    }

    /// Between two rounds a worker may come back with another budget.
    @Test func aBudgetMayChange() async throws {
        let federation = try await Self.federation(Self.basesConfig(rounds: 4, workers: 2), layout: Self.basesLayout)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let events = federation.events
        let steady = try Self.narrow("a", WidthRatio(1, 4))
        var poor = try Self.narrow("b", WidthRatio(1, 4))
        poor.verdictLimit = 2
        var rich = try Self.narrow("b", WidthRatio(3, 4))
        rich.verdictLimit = 2
        let first = poor
        let second = rich
        let changing = Task {
            for worker in [first, second] {
                try await InProcessTransport.withPair(
                    client: { _ = try await worker.work(over: $0) },
                    server: { await federation.coordinator.converse(with: worker.name, over: $0) })
            }
        }
        let (report, _) = try await Self.run(federation, [steady])
        try await changing.value
        _ = events
        let scopes = try await federation.store.rounds(of: report.run).map { round in
            round.record?.accepted.first { $0.worker == first.name }?.bases?.count
        }
        #expect(scopes.first == 1 && scopes.last == 3, "\(scopes)")
    }

    @Test func aBudgetBelowOneBaseIsRefused() async throws {
        let federation = try await Self.federation(Self.basesConfig(rounds: 1, workers: 1), layout: Self.basesLayout)
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
    @Test(arguments: [UpdateScope.wholeModel, .bases([0, 1, 2]), .bases([3, 900])])
    func anotherScopeIsRefused(_ scope: UpdateScope) async throws {
        let federation = try await Self.federation(
            Self.basesConfig(rounds: 1, workers: 2, quorum: 0.5), layout: Self.basesLayout)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        var hostile = FakeWorker(name: try WorkerID("x")) { _, _ in
            FakeWorker.Answer(change: [Float](repeating: 9, count: 8), tamper: { $0.scope = scope })
        }
        hostile.budget = try WidthRatio(1, 4)
        let (report, verdicts) = try await Self.run(federation, [try Self.narrow("a", .full), hostile])
        #expect(report.rounds[0].accepted == 1)
        guard case .refused(.wrongScope, _) = verdicts[1].first else {
            Issue.record("the hostile worker got \(verdicts[1])")
            return
        }
    }
}
