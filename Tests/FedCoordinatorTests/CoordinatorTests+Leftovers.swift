// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedTransport
import FedWire
import Foundation
import Synchronization
import Testing

/// Updates that are offered when their round or attempt has gone on without them.
extension CoordinatorTests {
    /// A worker that was killed before it got its receipt must learn what became of its update, however late it asks.
    @Test func anUpdateOfAnEarlierRoundIsAnsweredTruthfully() async throws {
        let federation = try await Self.federation(Self.config(rounds: 2, workers: 3, quorum: 0.3, deadline: 60))
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        func asksAgain(_ name: String, isGarbled: Bool) throws -> FakeWorker {
            FakeWorker(name: try WorkerID(name), verdictLimit: 2) { assignment, _ in
                FakeWorker.Answer(
                    change: [1, 1, 1, 1], tamper: { if assignment.round == RoundID(2) { $0.round = RoundID(1) } },
                    garble: { if isGarbled, assignment.round == RoundID(1) { $0[0] ^= 0xFF } })
            }
        }
        let (report, verdicts) = try await Self.run(
            federation,
            [
                try Self.worker("a", adding: [1, 1, 1, 1]), try asksAgain("b", isGarbled: false),
                try asksAgain("c", isGarbled: true),
            ])
        #expect(report.rounds.map(\.accepted) == [2, 1])
        #expect(verdicts[1] == [.accepted, .alreadyAccepted])
        guard verdicts[2].count == 2, case .refused(.late, _) = verdicts[2][1] else {
            Issue.record("the refused worker got \(verdicts[2])")
            return
        }
    }

    /// An upload that its round did not wait for must not keep the memory that the next round's updates need.
    @Test func anUploadOfAClosedRoundGivesItsMemoryBack() async throws {
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [20_000], role: .weight)])
        // There is room for one update at a time.
        let federation = try await Self.federation(
            Self.config(rounds: 2, workers: 2, quorum: 0.5, deadline: 4), layout: layout, updateMemory: 64 << 10)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let run = try #require(try await federation.store.runs().first).id
        let change = [Float](repeating: 1, count: layout.count)
        let dawdler = FakeWorker(name: try WorkerID("dawdler")) { assignment, _ in
            guard assignment.round == RoundID(1) else { return nil }
            while let journal = try? await federation.store.journal(of: run, round: assignment.round),
                journal.recovery.recordCount == 0
            {
                try? await Task.sleep(for: .milliseconds(10))
            }
            return FakeWorker.Answer(
                change: change,
                beforeBytes: {
                    await Self.wait(for: federation.events) { if case .runFinished = $0 { true } else { false } }
                })
        }
        let (report, verdicts) = try await Self.run(federation, [try Self.worker("a", adding: change), dawdler])
        #expect(report.rounds.map(\.accepted) == [1, 1])
        #expect(verdicts[0] == [.accepted, .accepted])
    }

    /// An update on disk that this attempt of its round does not count may count in the next one: its worker must not be told
    /// that it is of no use before the round is over.
    @Test func aStoredUpdateIsNotRefusedForGoodBeforeItsRoundIsOver() async throws {
        let config = try Self.config(rounds: 1, workers: 1)
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let layout = try #require(Self.layout)
        let run = try #require(try await federation.store.runs().first).id
        let (a, b) = (try WorkerID("a"), try WorkerID("b"))
        // As after a restart of the coordinator: b's update was stored in an attempt before, the plan is for a only.
        _ = try await federation.store.saveCheckpoint(
            Checkpoint(run: run, version: ModelVersion(0), parameters: ParameterVector(zeros: layout)))
        let assignment = WorkerAssignment(
            worker: a, run: run, round: RoundID(1), baseVersion: ModelVersion(0), training: config.training,
            codec: config.uplink.codec, seed: 1, deadlineSeconds: 60)
        let plan = RoundPlan(
            round: RoundID(1), baseVersion: ModelVersion(0), assignments: [assignment], quorum: 1, deadlineSeconds: 60)
        try await federation.store.beginRound(plan, of: run, attempt: 1, now: Date())
        let payload = try CodecRegistry.codec(config.uplink.codec).encode(
            ParameterVector(layout: layout, values: [9, 9, 9, 9]), generator: SeededGenerator(key: 1))
        let metrics = TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)
        let update = ClientUpdate(
            worker: b, run: run, round: RoundID(1), baseVersion: ModelVersion(0), codec: config.uplink.codec,
            payload: payload, exampleCount: 10, metrics: metrics)
        try await federation.store.journal(of: run, round: RoundID(1)).append(update)

        let isTold = Mutex(false)
        @Sendable func offersUntilSettled(_ connection: any Connection) async throws -> [Receipt.Verdict] {
            var verdicts: [Receipt.Verdict] = []
            try await connection.send(.hello(Hello(agent: "fake", datasets: ["digits"])))
            for try await inbound in connection.messages {
                switch inbound.message {
                case .run: break
                case .receipt(let receipt):
                    verdicts.append(receipt.verdict)
                    isTold.withLock { $0 = true }
                    guard case .refused(.unavailable, _) = receipt.verdict else { return verdicts }
                    try await Task.sleep(for: .milliseconds(300))
                default: continue
                }
                let outgoing = OutgoingPayload(payload)
                let header = connection.makeTransferHeader(for: outgoing)
                try await connection.send(
                    .updateOffer(
                        UpdateOffer(
                            worker: b, run: run, round: RoundID(1), baseVersion: ModelVersion(0),
                            codec: update.codec, exampleCount: 10, metrics: metrics, payload: header)))
            }
            return verdicts
        }
        let asking = Task {
            let log = VerdictLog()
            try await InProcessTransport.withPair(
                client: { log.add(try await offersUntilSettled($0), of: b) },
                server: { await federation.coordinator.converse(with: b, over: $0) })
            return log.of(b)
        }
        let slow = FakeWorker(name: a) { _, _ in
            while !isTold.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(10)) }
            return FakeWorker.Answer(change: [1, 1, 1, 1])
        }
        let (report, _) = try await Self.run(federation, [slow])
        #expect(report.final.loss == 1, "b's update is not part of the model")
        let verdicts = try await asking.value
        #expect(verdicts.count >= 2)
        for verdict in verdicts.dropLast() {
            guard case .refused(.unavailable, _) = verdict else {
                Issue.record("b got \(verdicts)")
                return
            }
        }
        guard case .refused(.late, _) = verdicts.last else {
            Issue.record("b got \(verdicts)")
            return
        }
    }
}
