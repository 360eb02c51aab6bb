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

/// Runs of which some workers train adversarially and share statistics (FedRBN).
extension CoordinatorTests {
    /// A weight, and a dual batch norm of one channel.
    static let dualLayout = try? ModelLayout([
        ParameterSpec(name: "w", shape: [2], role: .weight),
        ParameterSpec(name: "n.running_mean", shape: [2], role: .cleanStatistics),
        ParameterSpec(name: "n.running_var", shape: [2], role: .cleanStatistics),
        ParameterSpec(name: "n.adversarial.running_mean", shape: [2], role: .adversarialStatistics),
        ParameterSpec(name: "n.adversarial.running_var", shape: [2], role: .adversarialStatistics),
    ])

    static func dualConfig(rounds: Int, workers: Int) throws -> RunConfig {
        var config = try config(rounds: rounds, workers: workers, deadline: 60)
        config.model.normalization = .dualShared
        config.strategy = StrategySpec(name: "fedrbn", warmup: 1)
        config.training.objective = [
            .crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 0.1, steps: 2))),
        ]
        return config
    }

    static func dualFederation(
        rounds: Int, workers: Int, store: MemoryRunStore = MemoryRunStore(), folder: URL? = nil,
        isRevoked: @escaping @Sendable (WorkerID) -> Bool = { _ in false }
    ) async throws -> Federation {
        let layout = try #require(dualLayout)
        return try await federation(
            dualConfig(rounds: rounds, workers: workers), store: store, layout: layout,
            parts: ModelParts(layout, keeping: ParameterRole.normalization), initialOwn: [0, 0, 1, 1, 0, 0, 1, 1],
            folder: folder, isRevoked: isRevoked)
    }

    /// What came with assignments, and what was asked for.
    final class StatisticsLog: Sendable {
        private let entries = Mutex<[WorkerID: [RoundID: [Float]?]]>([:])
        func add(_ statistics: [Float]?, _ worker: WorkerID, _ round: RoundID) {
            entries.withLock { _ = $0[worker, default: [:]].updateValue(statistics, forKey: round) }
        }
        func of(_ name: String) throws -> [[Float]?] {
            let worker = try WorkerID(name)
            return entries.withLock { entries in
                (entries[worker] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            }
        }
    }

    /// A worker whose statistics of round r are `clean`, and `attacked` + r where it trains adversarially.
    static func dual(
        _ name: String, clean: [Float], attacked: [Float]? = nil, consents: Bool = true, log: StatisticsLog,
        leavesIn stop: Int? = nil
    ) throws -> FakeWorker {
        let worker = try WorkerID(name)
        var fake = FakeWorker(name: worker) { assignment, model in
            if assignment.round.rawValue == stop { return nil }
            let round = Float(assignment.round.rawValue)
            let statistics = WorkerStatistics(
                clean: clean,
                adversarial: assignment.training.movesAdversarialStatistics ? attacked?.map { $0 + round } : nil)
            return FakeWorker.Answer(change: model.map { _ in 1 }, tamper: { $0.statistics = statistics })
        }
        fake.isAdversarial = attacked != nil
        fake.sharesStatistics = consents
        fake.takeStatistics = { log.add($1, worker, $0) }
        return fake
    }

    /// From one adversarial worker the others get its statistics to the bit, one round later; it gets none itself.
    @Test func statisticsOfTheOneAdversarialWorkerGoToTheOthers() async throws {
        let federation = try await Self.dualFederation(rounds: 3, workers: 3)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        let (report, verdicts) = try await Self.run(
            federation,
            [
                Self.dual("a", clean: [1, 2, 3, 4], attacked: [0.1, 0.2, 0.3, 0.4], log: log),
                Self.dual("b", clean: [1, 2, 3, 5], log: log), Self.dual("c", clean: [9, 9, 9, 9], log: log),
            ])
        #expect(verdicts.allSatisfy { $0 == [.accepted, .accepted, .accepted] })
        #expect(try log.of("a") == [nil, nil, nil])
        let expected: [[Float]?] = [nil, [1.1, 1.2, 1.3, 1.4], [2.1, 2.2, 2.3, 2.4]]
        #expect(try log.of("b") == expected)
        #expect(try log.of("c") == expected)
        let rounds = try await federation.store.rounds(of: report.run)
        for round in rounds {
            for assignment in round.plan.assignments {
                let isAdversarial = assignment.worker.rawValue == "a"
                let calibrates = assignment.training.objective.contains {
                    if case .calibration = $0 { true } else { false }
                }
                #expect((assignment.training.adversarialTerm != nil) == isAdversarial)
                #expect(calibrates == (!isAdversarial && round.round.rawValue > 1))
            }
        }
        let shared = federation.events.all.filter { if case .sharesStatistics = $0 { true } else { false } }
        #expect(shared.count == 3)
    }

    /// Whoever does not agree shares nothing, even if it sends something, and still gets what others share.
    @Test func withoutConsentNothingIsShared() async throws {
        let federation = try await Self.dualFederation(rounds: 3, workers: 3)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        let texts = Mutex<[String]>([])
        let folder = federation.folder
        var last = try Self.dual("c", clean: [1, 2, 3, 4], consents: false, log: log)
        let take = last.takeStatistics
        last.takeStatistics = { round, statistics in
            take(round, statistics)
            let files = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
            for name in files where name.contains("statistics-\(round.rawValue - 1)") {
                let text = try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
                texts.withLock { $0.append(text ?? "") }
            }
        }
        _ = try await Self.run(
            federation,
            [
                Self.dual("a", clean: [1, 2, 3, 4], attacked: [50, 50, 50, 50], consents: false, log: log),
                Self.dual("b", clean: [1, 2, 3, 4], attacked: [0, 0, 0, 0], log: log), last,
            ])
        #expect(try log.of("c") == [nil, [1, 1, 1, 1], [2, 2, 2, 2]])
        let kept = texts.withLock { $0 }
        #expect(kept.count == 2)
        for text in kept {
            #expect(text.contains("\"b\"") && !text.contains("\"a\"") && !text.contains("\"c\""))
        }
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.contains("statistics-") }, "the run is over: \(left)")
    }

    /// What a record keeps of an update.
    @Test func recordsHaveNoStatistics() throws {
        let update = AcceptedUpdate(
            worker: try WorkerID("a"), exampleCount: 1, payloadBytes: 2,
            metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0), statistics: WorkerStatistics(clean: [1]))
        let text = try JSONEncoder().encode(update)
        #expect(!String(decoding: text, as: UTF8.self).contains("statistics"))
        var plain = update
        plain.statistics = nil
        #expect(try JSONDecoder().decode(AcceptedUpdate.self, from: text) == plain)
    }

    /// Between two rounds a worker comes back and no longer agrees.
    @Test func whoNoLongerAgreesIsForgotten() async throws {
        let federation = try await Self.dualFederation(rounds: 4, workers: 2)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        var agreeing = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], log: log)
        agreeing.verdictLimit = 2
        let refusing = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], consents: false, log: log)
        let steady = try Self.dual("b", clean: [1, 2, 3, 4], log: log)
        let first = agreeing
        let changing = Task {
            for worker in [first, refusing] {
                try await InProcessTransport.withPair(
                    client: { _ = try await worker.work(over: $0) },
                    server: { await federation.coordinator.converse(with: worker.name, over: $0) })
            }
        }
        _ = try await Self.run(federation, [steady])
        try await changing.value
        let got = try log.of("b")
        #expect(got.first == [Float]?.none && got[1] == [2, 2, 2, 2] && got.last == [Float]?.none)
        let withdrawals = federation.events.all.filter { if case .withdrewStatistics = $0 { true } else { false } }
        #expect(withdrawals.count == 1)
    }

    /// A worker that withdraws while its round is still open is not part of what comes after it.
    @Test func whoWithdrawsWithinARoundIsForgotten() async throws {
        let federation = try await Self.dualFederation(rounds: 2, workers: 2)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        var agreeing = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], log: log)
        agreeing.verdictLimit = 1
        let refusing = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], consents: false, log: log)
        let events = federation.events
        var steady = FakeWorker(name: try WorkerID("b")) { assignment, model in
            if assignment.round.rawValue == 1 {
                await Self.wait(for: events) { if case .withdrewStatistics = $0 { true } else { false } }
            }
            return FakeWorker.Answer(change: model.map { _ in 1 })
        }
        let name = steady.name
        steady.sharesStatistics = true
        steady.takeStatistics = { log.add($1, name, $0) }
        let first = agreeing
        let changing = Task {
            for worker in [first, refusing] {
                try await InProcessTransport.withPair(
                    client: { _ = try await worker.work(over: $0) },
                    server: { await federation.coordinator.converse(with: worker.name, over: $0) })
            }
        }
        _ = try await Self.run(federation, [steady])
        try await changing.value
        #expect(try log.of("b") == [nil, nil])
    }

    /// A worker withdraws while its round is open; the coordinator stops before it commits, and starts again without it.
    @Test func aWithdrawalSurvivesARestart() async throws {
        let store = MemoryRunStore()
        let first = try await Self.dualFederation(rounds: 2, workers: 2, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        let log = StatisticsLog()
        var agreeing = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], log: log)
        agreeing.verdictLimit = 1
        let refusing = try Self.dual(
            "a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], consents: false, log: log, leavesIn: 1)
        let coming = agreeing
        let changing = Task {
            for worker in [coming, refusing] {
                try await InProcessTransport.withPair(
                    client: { _ = try await worker.work(over: $0) },
                    server: { await first.coordinator.converse(with: worker.name, over: $0) })
            }
        }
        let leaving = try Self.dual("b", clean: [1, 2, 3, 4], log: log, leavesIn: 1)
        let interrupted = Task { try await Self.run(first, [leaving]) }
        await Self.wait(for: first.events) { if case .withdrewStatistics = $0 { true } else { false } }
        let folder = first.folder
        func isKept() -> Bool {
            let files = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
            return files.contains { $0.hasSuffix("statistics-withdrawn.json") }
        }
        while !isKept(), !Task.isCancelled { try await Task.sleep(for: .milliseconds(5)) }
        interrupted.cancel()
        _ = await interrupted.result
        changing.cancel()
        _ = await changing.result
        let second = try await Self.dualFederation(rounds: 2, workers: 2, store: store, folder: folder)
        let later = StatisticsLog()
        // Another that does not agree, whose name is written down, too.
        _ = try await Self.run(
            second,
            [
                Self.dual("c", clean: [1, 2, 3, 4], consents: false, log: later),
                Self.dual("b", clean: [1, 2, 3, 4], log: later),
            ])
        #expect(try later.of("b") == [nil, nil])
        #expect(!isKept(), "the run is over")
    }

    /// What a revoked worker has shared is used no more, whether it is connected or not.
    @Test func whoIsRevokedIsForgotten() async throws {
        let revoked = Mutex<Set<WorkerID>>([])
        let federation = try await Self.dualFederation(rounds: 3, workers: 2) { worker in
            revoked.withLock { $0.contains(worker) }
        }
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        var leaving = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], log: log)
        leaving.verdictLimit = 1
        let steady = try Self.dual("b", clean: [1, 2, 3, 4], log: log)
        let joining = try Self.dual("c", clean: [1, 2, 3, 4], log: log)
        let first = leaving
        let (coordinator, events) = (federation.coordinator, federation.events)
        let changing = Task {
            for worker in [first, joining] {
                if worker.name != first.name {
                    await Self.wait(for: events) { if case .workerLost = $0 { true } else { false } }
                    await Self.wait(for: events) { if case .roundCommitted = $0 { true } else { false } }
                    revoked.withLock { _ = $0.insert(first.name) }
                    await coordinator.expelTheUnwelcome()
                }
                try await InProcessTransport.withPair(
                    client: { _ = try await worker.work(over: $0) },
                    server: { await coordinator.converse(with: worker.name, over: $0) })
            }
        }
        _ = try await Self.run(federation, [steady])
        try await changing.value
        #expect(try log.of("b").last == [Float]?.none)
        #expect(try log.of("c").allSatisfy { $0 == nil })
    }

    /// Even before its round is over, and though nobody looks until then.
    @Test func whoIsRevokedWithinItsFirstRoundIsForgotten() async throws {
        let revoked = Mutex<Set<WorkerID>>([])
        let federation = try await Self.dualFederation(rounds: 2, workers: 2) { worker in
            revoked.withLock { $0.contains(worker) }
        }
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let log = StatisticsLog()
        let name = try WorkerID("a")
        let steady = try Self.dual("b", clean: [1, 2, 3, 4], log: log)
        var adversarial = try Self.dual("a", clean: [1, 2, 3, 4], attacked: [1, 1, 1, 1], log: log)
        let take = adversarial.takeStatistics
        adversarial.takeStatistics = { round, statistics in
            take(round, statistics)
            revoked.withLock { _ = $0.insert(name) }
        }
        _ = try await Self.run(federation, [adversarial, steady])
        #expect(try log.of("b") == [nil, nil])
    }

    @Test(arguments: [
        WorkerStatistics(clean: [1, 2, 3]), WorkerStatistics(clean: [1, 2, 3, .nan]),
        WorkerStatistics(clean: [1, 2, 3, 4], adversarial: [-3e38, 1, 2, 3]),
        WorkerStatistics(clean: [1, 2, 3, 4], adversarial: [1]),
        WorkerStatistics(clean: [1, 2, 3, 4], adversarial: [1, 2, 3, .infinity]),
    ])
    func statisticsOfNoUseAreRefused(_ statistics: WorkerStatistics) async throws {
        let federation = try await Self.dualFederation(rounds: 1, workers: 1)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let attempts = Counter()
        var worker = FakeWorker(name: try WorkerID("a")) { _, model in
            let isFirst = attempts.next() == 1
            return FakeWorker.Answer(
                change: model.map { _ in 1 },
                tamper: { $0.statistics = isFirst ? statistics : WorkerStatistics(clean: [1, 2, 3, 4]) })
        }
        worker.sharesStatistics = true
        let (_, verdicts) = try await Self.run(federation, [worker])
        guard case .refused(.badMetrics, let reason) = verdicts[0].first else {
            Issue.record("not refused: \(verdicts)")
            return
        }
        #expect(reason.contains("shared statistics"))
    }

    /// A coordinator that goes on sends what the one before it would have sent.
    @Test func statisticsSurviveARestart() async throws {
        let whole = try await Self.dualFederation(rounds: 4, workers: 2)
        defer { try? FileManager.default.removeItem(at: whole.folder) }
        let expected = StatisticsLog()
        func workers(_ log: StatisticsLog, leavesIn stop: Int? = nil) throws -> [FakeWorker] {
            [
                try Self.dual("a", clean: [1, 2, 3, 4], attacked: [0.5, 1, 2, 3], log: log),
                try Self.dual("b", clean: [1, 2, 3, 5], log: log, leavesIn: stop),
            ]
        }
        let (undisturbed, _) = try await Self.run(whole, workers(expected))
        let store = MemoryRunStore()
        let log = StatisticsLog()
        let first = try await Self.dualFederation(rounds: 4, workers: 2, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        let leaving = try workers(log, leavesIn: 3)
        let interrupted = Task { try await Self.run(first, leaving) }
        await Self.wait(for: first.events) { if case .workerLost = $0 { true } else { false } }
        interrupted.cancel()
        _ = await interrupted.result
        let second = try await Self.dualFederation(rounds: 4, workers: 2, store: store, folder: first.folder)
        let (report, _) = try await Self.run(second, workers(log))
        #expect(report.modelSHA256 == undisturbed.modelSHA256)
        #expect(try log.of("b") == expected.of("b"))
        #expect(try log.of("b").last == [3.5, 4, 5, 6])
    }
}
