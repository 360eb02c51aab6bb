// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedTransport
import FedWire
import Foundation
import Synchronization
import Testing

/// Updates that are too long, and too many of them.
extension CoordinatorTests {
    private static func config(
        _ limits: RunConfig.LimitsSection, _ aggregator: AggregatorSpec = AggregatorSpec(), rounds: Int = 2
    ) throws -> RunConfig {
        var config = try config(rounds: rounds, workers: 4, quorum: 0.5)
        config.limits = limits
        config.strategy = StrategySpec(aggregator: aggregator)
        return try config.validated(for: RunFileTests.vocabulary)
    }

    private static func workers(_ order: [Int], hostile: Float) throws -> [FakeWorker] {
        try order.enumerated().map { position, number in
            FakeWorker(name: try WorkerID("w\(number)")) { _, _ in
                try? await Task.sleep(for: .milliseconds(15 * position))
                let value = number == 3 ? hostile : 1 + Float(number) / 8
                return FakeWorker.Answer(change: [value, -value / 3, 0.1, value], exampleCount: 10 + number)
            }
        }
    }

    @Test func anUpdateBeyondTheNormIsRefused() async throws {
        let federation = try await Self.federation(Self.config(.init(updateNorm: 3)))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await Self.run(federation, try Self.workers([0, 1, 2, 3], hostile: 50))
        #expect(report.rounds.map(\.accepted) == [3, 3])
        #expect(report.rounds.map(\.refused) == [1, 1])
        for verdict in verdicts[3] {
            guard case .refused(.badValues, let reason) = verdict else {
                Issue.record("the long update got \(verdict)")
                continue
            }
            #expect(reason.contains("limits.updateNorm"))
        }
        #expect(verdicts[0] == [.accepted, .accepted])
    }

    /// Whoever comes first: the model is that of a run in which the long update was not admitted in the first place.
    @Test(arguments: [
        AggregatorSpec(), AggregatorSpec(name: .signVote), AggregatorSpec(name: .median),
        AggregatorSpec(name: .normClipping),
    ])
    func anUpdateBeyondTheOthersIsLeftOut(_ aggregator: AggregatorSpec) async throws {
        let refusing = try await Self.federation(Self.config(.init(updateNorm: 3), aggregator))
        defer { try? FileManager.default.removeItem(at: refusing.folder) }
        let expected = try await Self.run(refusing, try Self.workers([0, 1, 2, 3], hostile: 50)).0.modelSHA256
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            let federation = try await Self.federation(Self.config(.init(relativeNorm: 4), aggregator))
            defer { try? FileManager.default.removeItem(at: federation.folder) }
            let (report, verdicts) = try await Self.run(federation, try Self.workers(order, hostile: 50))
            #expect(report.modelSHA256 == expected)
            #expect(report.rounds.map(\.accepted) == [3, 3])
            #expect(report.rounds.map(\.refused) == [1, 1])
            let told = try #require(order.firstIndex(of: 3).map { verdicts[$0] })
            let reasons = told.compactMap { if case .refused(_, let reason) = $0 { reason } else { nil } }
            #expect(told.filter { $0 == .accepted }.count == 2, "it was stored before the others were known")
            #expect(reasons.count == 2 && reasons.allSatisfy { $0.contains("limits.relativeNorm") })
            #expect(federation.events.refusals.count == 2)
            let record = try #require(
                try await federation.store.round(RoundID(1), of: report.run)?.record)
            #expect(record.refused.map(\.worker.rawValue) == ["w3"])
        }
    }

    /// What was stored before a restart is measured again and left out just so.
    @Test func aRestartLeavesOutTheSame() async throws {
        let config = try Self.config(.init(relativeNorm: 4), rounds: 3)
        let undisturbed = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let order = [3, 0, 1, 2]
        let expected = try await Self.run(undisturbed, try Self.workers(order, hostile: 50)).0.modelSHA256

        let store = MemoryRunStore()
        let first = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        var leaving = try Self.workers(order, hostile: 50)
        let honest = leaving[3]
        leaving[3] = FakeWorker(name: honest.name) { assignment, model in
            if assignment.round.rawValue == 2 { try? await Task.sleep(for: .seconds(60)) }
            return await honest.answer(assignment, model)
        }
        let stalling = leaving
        let interrupted = Task { try await Self.run(first, stalling) }
        while !first.events.all.contains(where: { if case .roundStarted(RoundID(2), _) = $0 { true } else { false } }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        // The others' updates are stored meanwhile, or some of them: what comes out is the same.
        try await Task.sleep(for: .milliseconds(300))
        interrupted.cancel()
        _ = await interrupted.result

        let second = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: second.folder) }
        let (report, _) = try await Self.run(second, try Self.workers(order, hostile: 50))
        #expect(report.modelSHA256 == expected)
        #expect(report.rounds.map(\.refused) == [1, 1, 1])
    }

    /// Nobody is left out of a round whose rest would be too small without being tried again.
    @Test func tooFewThatAreNotOutliersMakeNoModel() async throws {
        var config = try Self.config(.init(relativeNorm: 4))
        config.cohort.quorum = 1
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let workers = try Self.workers([0, 1, 2, 3], hostile: 50)
        let error = await #expect(throws: CoordinatorError(.quorumNotReached, "")) {
            try await Self.run(federation, workers)
        }
        #expect(error?.message.contains("3 of the 4 updates it needs") == true)
    }

    @Test func whoOffersWithoutEndIsDisconnected() async throws {
        let federation = try await Self.federation(Self.config(.init(offersPerMinute: 5)))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let run = try RunID("test-1")
        let name = try WorkerID("flood")
        let carriedOut = Task { try await federation.coordinator.carryOut() }
        defer { carriedOut.cancel() }
        func flood() async throws -> (answers: Int, error: PeerError?) {
            let outcome = Mutex<(answers: Int, error: PeerError?)>((0, nil))
            try await InProcessTransport.withPair(
                client: { connection in
                    try await connection.send(
                        .hello(Hello(agent: "flood", datasets: ["digits"], takesSteps: false, sharesScales: false)))
                    func offer() async throws {
                        let payload = OutgoingPayload([1, 2, 3, 4])
                        let header = connection.makeTransferHeader(for: payload)
                        try await connection.send(
                            .updateOffer(
                                UpdateOffer(
                                    worker: name, run: run, round: RoundID(9), baseVersion: ModelVersion(0),
                                    codec: CodecID("dense-float32"), exampleCount: 1,
                                    metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0), payload: header)))
                    }
                    for try await inbound in connection.messages {
                        switch inbound.message {
                        case .run: try await offer()
                        case .receipt:
                            outcome.withLock { $0.answers += 1 }
                            try await offer()
                        case .peerError(let error):
                            outcome.withLock { $0.error = error }
                            return
                        default: continue
                        }
                    }
                },
                server: { await federation.coordinator.converse(with: name, over: $0) })
            return outcome.withLock { $0 }
        }
        let first = try await flood()
        #expect(first.answers == 5)
        #expect(first.error?.code == .protocolViolation)
        #expect(first.error?.message.contains("more than 5 updates") == true)
        #expect(try await flood().answers == 0, "who comes back goes on where it was")
    }
}
