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

@Suite(.serialized, .timeLimit(.minutes(2))) struct CoordinatorTests {
    static let layout = (try? ModelLayout([ParameterSpec(name: "w", shape: [4], role: .weight)]))

    /// Everything a run needs, in memory.
    struct Federation: Sendable {
        let coordinator: Coordinator
        let store: MemoryRunStore
        let events: EventLog
        let folder: URL
    }

    final class EventLog: Sendable {
        private let events = Mutex<[CoordinatorEvent]>([])
        func add(_ event: CoordinatorEvent) { events.withLock { $0.append(event) } }
        var all: [CoordinatorEvent] { events.withLock { $0 } }
        /// The reasons of all refused updates.
        var refusals: [String] {
            all.compactMap { if case .updateRefused(_, _, let reason) = $0 { reason } else { nil } }
        }
    }

    final class VerdictLog: Sendable {
        private let verdicts = Mutex<[WorkerID: [Receipt.Verdict]]>([:])
        func add(_ new: [Receipt.Verdict], of worker: WorkerID) {
            verdicts.withLock { $0[worker, default: []] += new }
        }
        func of(_ worker: WorkerID) -> [Receipt.Verdict] { verdicts.withLock { $0[worker] ?? [] } }
    }

    final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    static func config(
        rounds: Int = 2, workers: Int, quorum: Double = 1, deadline: Double = 20, codec: String = "dense-float32"
    ) throws -> RunConfig {
        RunConfig(
            name: "test", model: ModelSpec(architecture: "mlp"), data: .init(dataset: "digits"),
            training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)),
            uplink: .init(CodecID(codec)), rounds: rounds,
            cohort: .init(quorum: quorum, deadlineSeconds: .seconds(deadline), minimumWorkers: workers),
            limits: .init(examplesPerWorker: 1000))
    }

    static func federation(
        _ config: RunConfig, store: MemoryRunStore = MemoryRunStore(), layout: ModelLayout? = layout,
        levels: [NestedLevel] = [], parts: ModelParts? = nil, initialOwn: [Float] = [], folder: URL? = nil,
        restartGrace: Double = 60, updateMemory: Int = 1 << 30,
        isRevoked: @escaping @Sendable (WorkerID) -> Bool = { _ in false }
    ) async throws -> Federation {
        let layout = try #require(layout)
        let folder = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-\(UUID())")
        let events = EventLog()
        let travelling = parts?.travelling ?? layout
        let evaluate: @Sendable (ParameterVector) throws -> Evaluation = {
            Evaluation(accuracy: 0.5, loss: Double($0.values[0]))
        }
        let model = CentralModel(
            layout: layout, parts: parts, initialOwn: initialOwn, levels: levels,
            initialParameters: { _ in ParameterVector(zeros: travelling) },
            evaluate: parts == nil ? evaluate : nil)
        let records = try await RunRecords(for: config, in: store, directory: folder)
        var settings = Coordinator.Settings()
        settings.reconnectGrace = 0.2
        // Other tests may keep every thread busy for long.
        settings.helloSeconds = 120
        settings.heartbeatSeconds = 20
        settings.restartGrace = restartGrace
        settings.updateMemory = updateMemory
        settings.isRevoked = isRevoked
        return Federation(
            coordinator: try Coordinator(
                config: config, model: model, records: records, settings: settings, observe: events.add),
            store: store, events: events, folder: folder)
    }

    /// Connects fake workers in the given order and carries the run out.
    static func run(_ federation: Federation, _ workers: [FakeWorker]) async throws -> (RunReport, [[Receipt.Verdict]])
    {
        let verdicts = VerdictLog()
        let report = try await withThrowingTaskGroup(of: RunReport?.self) { group in
            for worker in workers {
                group.addTask {
                    try await InProcessTransport.withPair(
                        client: { connection in
                            verdicts.add(try await worker.work(over: connection), of: worker.name)
                        },
                        server: { await federation.coordinator.converse(with: worker.name, over: $0) })
                    return nil
                }
            }
            group.addTask { try await federation.coordinator.carryOut() }
            var report: RunReport?
            for try await result in group { report = result ?? report }
            return try #require(report)
        }
        return (report, workers.map { verdicts.of($0.name) })
    }

    static func worker(_ name: String, adding values: [Float], examples: Int = 10) throws -> FakeWorker {
        FakeWorker(name: try WorkerID(name)) { _, _ in FakeWorker.Answer(change: values, exampleCount: examples) }
    }

    @Test func averagesByExampleCounts() async throws {
        let federation = try await Self.federation(Self.config(rounds: 2, workers: 2))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await Self.run(
            federation,
            [
                try Self.worker("a", adding: [1, 0, 0, 0], examples: 30),
                try Self.worker("b", adding: [0, 1, 0, -4], examples: 10),
            ])
        #expect(report.rounds.count == 2)
        #expect(report.final.loss == 1.5)
        #expect(verdicts == [[.accepted, .accepted], [.accepted, .accepted]])
        #expect(report.workers == 2)
        // 16 bytes of values and 4 of header, two updates a round.
        #expect(report.final.uplinkBytes == 4 * 20)
        #expect(report.final.denseUplinkBytes == 4 * 16)
        let stored = try #require(try await federation.store.runs().first)
        #expect(stored.state == .finished)
        #expect(FileManager.default.fileExists(atPath: report.modelPath))
    }

    @Test func theOrderOfArrivalDoesNotChangeABit() async throws {
        var hashes: Set<String> = []
        for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]] {
            let federation = try await Self.federation(Self.config(rounds: 3, workers: 3))
            defer { try? FileManager.default.removeItem(at: federation.folder) }
            let workers = try order.enumerated().map { position, name in
                let scale = Float(name.utf8.first ?? 0) / 7
                return FakeWorker(name: try WorkerID(name)) { _, model in
                    try? await Task.sleep(for: .milliseconds(10 * position))
                    return FakeWorker.Answer(
                        change: model.map { $0 * 0.1 + scale / 3 }, exampleCount: Int(scale * 10))
                }
            }
            hashes.insert(try await Self.run(federation, workers).0.modelSHA256)
        }
        #expect(hashes.count == 1)
    }

    struct Misbehaviour: Sendable, CustomTestStringConvertible {
        let name: String
        let code: RefusalCode
        var change: [Float] = [9, 9, 9, 9]
        var examples = 10
        var tamper: @Sendable (inout UpdateOffer) -> Void = { _ in }
        var garble: @Sendable (inout [UInt8]) -> Void = { _ in }
        var testDescription: String { name }
    }

    static let misbehaviours: [Misbehaviour] = [
        Misbehaviour(name: "another round", code: .wrongRound, tamper: { $0.round = RoundID(7) }),
        Misbehaviour(name: "another name", code: .wrongWorker) { if let x = try? WorkerID("x") { $0.worker = x } },
        Misbehaviour(name: "another run", code: .wrongRun) { if let x = try? RunID("x") { $0.run = x } },
        Misbehaviour(name: "another model", code: .wrongModelVersion, tamper: { $0.baseVersion = ModelVersion(5) }),
        Misbehaviour(name: "another codec", code: .wrongCodec, tamper: { $0.codec = CodecID("zip") }),
        Misbehaviour(name: "no examples", code: .badExampleCount, examples: 0),
        Misbehaviour(name: "negative examples", code: .badExampleCount, examples: -5),
        Misbehaviour(name: "10^15 examples", code: .badExampleCount, examples: 1_000_000_000_000_000),
        Misbehaviour(name: "values out of bounds", code: .badValues, change: [1e9, 0, 0, 0]),
        Misbehaviour(name: "NaN", code: .badValues, garble: { $0.replaceSubrange(4..<8, with: [0, 0, 0xC0, 0x7F]) }),
        Misbehaviour(
            name: "infinity", code: .badValues, garble: { $0.replaceSubrange(4..<8, with: [0, 0, 0x80, 0x7F]) }),
        Misbehaviour(name: "cut short", code: .undecodable, garble: { $0.removeLast(4) }),
        Misbehaviour(name: "too long for the model", code: .transferFailed, garble: { $0 += [0, 0, 0, 0] }),
        Misbehaviour(
            name: "2^40 bytes announced", code: .transferFailed,
            tamper: { offer in
                let stream = offer.payload.stream
                if let header = try? TransferHeader(stream: stream, byteCount: 1 << 40, sha256: offer.payload.sha256) {
                    offer.payload = header
                }
            }),
        Misbehaviour(name: "garbled header", code: .undecodable, garble: { $0[0] ^= 0xFF }),
        Misbehaviour(name: "NaN metrics", code: .badMetrics, tamper: { $0.metrics.loss = .nan }),
        Misbehaviour(name: "an accuracy above 1", code: .badMetrics, tamper: { $0.metrics.accuracy = 1e300 }),
        Misbehaviour(name: "negative seconds", code: .badMetrics, tamper: { $0.metrics.seconds = -1 }),
    ]

    @Test(arguments: misbehaviours) func aBadUpdateIsRefusedAndTheRoundGoesOn(_ bad: Misbehaviour) async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 2, quorum: 0.5, deadline: 60))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let hostile = FakeWorker(name: try WorkerID("hostile")) { _, _ in
            FakeWorker.Answer(
                change: bad.change, exampleCount: bad.examples, tamper: bad.tamper, garble: bad.garble)
        }
        let (report, verdicts) = try await Self.run(
            federation, [try Self.worker("good", adding: [1, 2, 3, 4]), hostile])
        #expect(report.final.loss == 1, "the bad update did not enter the model")
        #expect(report.rounds[0].accepted == 1)
        #expect(report.rounds[0].refused == 1)
        #expect(report.final.seconds < 30, "nobody waited for the deadline")
        guard case .refused(let code, let reason) = verdicts[1].first else {
            Issue.record("the hostile worker got \(verdicts[1])")
            return
        }
        #expect(code == bad.code, "\(reason)")
        #expect(federation.events.refusals.count == 1)
        #expect(verdicts[0] == [.accepted])
    }

    @Test func aWorkerThatLeavesIsNotWaitedFor() async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 3, quorum: 0.6, deadline: 60))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let leaver = FakeWorker(name: try WorkerID("leaver")) { _, _ in nil }
        let (report, _) = try await Self.run(
            federation,
            [try Self.worker("a", adding: [1, 1, 1, 1]), try Self.worker("b", adding: [3, 3, 3, 3]), leaver])
        #expect(report.rounds[0].accepted == 2)
        #expect(report.rounds[0].participants == 3)
        #expect(report.final.loss == 2)
        #expect(report.final.seconds < 30)
    }

    @Test func aShortRoundIsTriedAgainAndKeepsWhatItHas() async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 2, deadline: 2))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let asked = Counter()
        let slow = FakeWorker(name: try WorkerID("slow")) { _, _ in
            // Misses the first deadline; the second attempt asks again.
            if asked.next() == 1 {
                await Self.wait(for: federation.events) { if case .roundShort = $0 { true } else { false } }
            }
            return FakeWorker.Answer(change: [3, 3, 3, 3])
        }
        let (report, verdicts) = try await Self.run(federation, [try Self.worker("a", adding: [5, 5, 5, 5]), slow])
        #expect(report.rounds[0].accepted == 2)
        #expect(report.final.loss == 4, "the update of the first attempt counts once")
        #expect(verdicts[0] == [.accepted])
        let short = federation.events.all.contains { if case .roundShort = $0 { true } else { false } }
        #expect(short)
    }

    /// An upload that is under way when its round closes must hurt neither its own nor the next round.
    @Test func anUploadThatOutlastsItsRoundChangesNothing() async throws {
        let federation = try await Self.federation(Self.config(rounds: 2, workers: 2, quorum: 0.5, deadline: 10))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let dawdler = FakeWorker(name: try WorkerID("dawdler")) { assignment, _ in
            FakeWorker.Answer(
                change: [100, 0, 0, 0],
                beforeBytes: {
                    guard assignment.round == RoundID(1) else { return }
                    await Self.wait(for: federation.events) {
                        if case .roundStarted(RoundID(2), _) = $0 { true } else { false }
                    }
                })
        }
        let (report, verdicts) = try await Self.run(federation, [try Self.worker("a", adding: [1, 1, 1, 1]), dawdler])
        #expect(report.rounds.map(\.accepted) == [1, 2])
        #expect(report.final.loss == 1 + 50.5)
        #expect(verdicts[1].count == 2)
        #expect(verdicts[1].last == .accepted)
    }

    @Test func aRunThatNeverReachesItsQuorumFailsWithASentence() async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 1, deadline: 5))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let hostile = FakeWorker(name: try WorkerID("hostile")) { _, _ in
            FakeWorker.Answer(change: [0, 0, 0, 0], exampleCount: 0)
        }
        let error = await #expect(throws: CoordinatorError(.quorumNotReached, "")) {
            try await Self.run(federation, [hostile])
        }
        #expect(error?.message.contains("0 of the 1 updates") == true)
        #expect(try await federation.store.runs().first?.state == .running, "it goes on when it is served again")
        let again = try await Self.federation(
            Self.config(rounds: 1, workers: 1, deadline: 5), store: federation.store, restartGrace: 0.2)
        defer { try? FileManager.default.removeItem(at: again.folder) }
        let (report, _) = try await Self.run(again, [try Self.worker("a", adding: [7, 7, 7, 7])])
        #expect(report.final.loss == 7)
        #expect(report.run.rawValue == "test-1")
    }

    @Test func aWorkerWithoutTheDataIsTurnedAway() async throws {
        let federation = try await Self.federation(Self.config(rounds: 1, workers: 1))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        var stranger = try Self.worker("stranger", adding: [0, 0, 0, 0])
        stranger.datasets = ["mnist"]
        let turned = stranger
        let error = await #expect(throws: PeerError.self) {
            try await InProcessTransport.withPair(
                client: { _ = try await turned.work(over: $0) },
                server: { await federation.coordinator.converse(with: turned.name, over: $0) })
        }
        #expect(error?.code == .notAdmitted)
        #expect(error?.message.contains("--data digits=PATH") == true)
    }

    @Test func uniformWeightsCountEveryWorkerOnce() async throws {
        var config = try Self.config(rounds: 1, workers: 2)
        config.strategy.weighting = .uniform
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, _) = try await Self.run(
            federation,
            [
                try Self.worker("a", adding: [1, 0, 0, 0], examples: 30),
                try Self.worker("b", adding: [0, 1, 0, -4], examples: 10),
            ])
        #expect(report.final.loss == 0.5)
    }

    @Test(arguments: [
        StrategySpec(), StrategySpec(optimizer: ServerOptimizerSpec(momentum: 0.9, nesterov: true, weightDecay: 0.01)),
        StrategySpec(
            optimizer: ServerOptimizerSpec(name: .adam), schedule: ScheduleSpec(.cosine(minimum: 0)),
            weighting: .uniform),
        StrategySpec(optimizer: ServerOptimizerSpec(name: .yogi), aggregator: AggregatorSpec(name: .median)),
        StrategySpec(
            optimizer: ServerOptimizerSpec(name: .adagrad), aggregator: AggregatorSpec(name: .geometricMedian),
            weighting: .examples),
    ]) func anInterruptedRunGoesOnAndEndsWithTheSameModel(_ strategy: StrategySpec) async throws {
        var config = try Self.config(rounds: 4, workers: 2)
        config.strategy = strategy
        func workers(failAt round: Int? = nil) throws -> [FakeWorker] {
            try ["a", "b"].map { name in
                let scale = Float(name.utf8.first ?? 0)
                return FakeWorker(name: try WorkerID(name)) { assignment, model in
                    if assignment.round.rawValue == round, name == "b" { return nil }
                    return FakeWorker.Answer(change: model.map { ($0 + scale) / 3 })
                }
            }
        }
        let undisturbed = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: undisturbed.folder) }
        let expected = try await Self.run(undisturbed, try workers()).0.modelSHA256

        let store = MemoryRunStore()
        let first = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: first.folder) }
        let interrupted = Task { try await Self.run(first, try workers(failAt: 3)) }
        while !first.events.all.contains(where: { if case .workerLost = $0 { true } else { false } }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        interrupted.cancel()
        _ = await interrupted.result
        #expect(try await store.runs().first?.state == .running)

        let second = try await Self.federation(config, store: store)
        defer { try? FileManager.default.removeItem(at: second.folder) }
        let (report, _) = try await Self.run(second, try workers())
        #expect(report.modelSHA256 == expected)
        #expect(report.rounds.count == 4)
        let resumed = second.events.all.contains {
            if case .runStarted(_, _, _, resumedAfter: 2) = $0 { true } else { false }
        }
        #expect(resumed)
    }
}
