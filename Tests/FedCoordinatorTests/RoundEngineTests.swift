// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import Testing

@Suite struct RoundEngineTests {
    static let codec = CodecID("dense-float32")

    static func plan(workers: Int, quorum: Int, wanted: Int? = nil, deadline: Double = 100) throws -> RoundPlan {
        let run = try RunID("run-1")
        let training = LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1))
        let assignments = try (1...workers).map { index in
            WorkerAssignment(
                worker: try WorkerID("w\(index)"), run: run, round: RoundID(1), baseVersion: ModelVersion(0),
                training: training, codec: codec, seed: UInt64(index), deadlineSeconds: deadline)
        }
        return RoundPlan(
            round: RoundID(1), baseVersion: ModelVersion(0), assignments: assignments, quorum: quorum,
            deadlineSeconds: deadline, wanted: wanted)
    }

    static func names(_ count: Int) throws -> [WorkerID] { try (1...count).map { try WorkerID("w\($0)") } }

    @Test func closesWhenEveryoneIsStored() throws {
        let workers = try Self.names(2)
        var engine = RoundEngine(plan: try Self.plan(workers: 2, quorum: 2), now: 0)
        #expect(
            engine.start(connected: Set(workers), now: 0)
                == [.dispatch(workers[0]), .dispatch(workers[1]), .wake(at: 100)])
        #expect(Self.offer(&engine, workers[1]) == .receive)
        #expect(engine.stored(workers[1], now: 1) == [])
        #expect(Self.offer(&engine, workers[0]) == .receive)
        #expect(
            engine.stored(workers[0], now: 2) == [.close(.complete)])
    }

    @Test func closesWithoutALostWorkerOnceTheGraceIsOver() throws {
        let workers = try Self.names(4)
        var engine = RoundEngine(plan: try Self.plan(workers: 4, quorum: 3), reconnectGrace: 1, now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(engine.lost(workers[3], now: 5) == [])
        for worker in workers[..<2] {
            #expect(Self.offer(&engine, worker) == .receive)
            _ = engine.stored(worker, now: 5.1)
        }
        #expect(Self.offer(&engine, workers[2]) == .receive)
        let actions = engine.stored(workers[2], now: 5.2)
        #expect(actions == [.wake(at: 6)])
        #expect(engine.timePassed(now: 6) == [.close(.complete)])
    }

    @Test func aReturningWorkerIsDispatchedAgain() throws {
        let workers = try Self.names(2)
        var engine = RoundEngine(plan: try Self.plan(workers: 2, quorum: 2), now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        _ = engine.lost(workers[0], now: 1)
        #expect(engine.connected(workers[0], now: 50) == [.dispatch(workers[0])])
        #expect(engine.connected(workers[0], now: 51) == [])
    }

    @Test func theDeadlineClosesWithWhatThereIs() throws {
        let workers = try Self.names(3)
        var engine = RoundEngine(plan: try Self.plan(workers: 3, quorum: 2), now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        for worker in workers[..<2] {
            #expect(Self.offer(&engine, worker) == .receive)
            _ = engine.stored(worker, now: 3)
        }
        #expect(engine.timePassed(now: 99.9) == [])
        #expect(engine.timePassed(now: 100) == [.cancel(workers[2]), .close(.complete)])
        #expect(Self.offer(&engine, workers[2]) == .refuse(.init(.late, "round 1 is closed")))
        let counts = engine.counts(workers[2])
        #expect(!counts)
    }

    @Test func tooFewUpdatesAreShort() throws {
        let workers = try Self.names(2)
        var engine = RoundEngine(plan: try Self.plan(workers: 2, quorum: 2), now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        #expect(Self.offer(&engine, workers[0]) == .receive)
        #expect(engine.refused(workers[0], .init(.badValues, "NaN"), now: 1) == [])
        #expect(
            engine.declined(workers[1], round: RoundID(1), reason: "no data", now: 1)
                == [.close(.short(accepted: 0, quorum: 2))])
    }

    @Test func refusesWhatDoesNotFitTheAssignment() throws {
        let workers = try Self.names(2)
        var engine = RoundEngine(plan: try Self.plan(workers: 1, quorum: 1), now: 0)
        _ = engine.start(connected: Set(workers), now: 0)
        func verdict(
            _ engine: inout RoundEngine, by worker: WorkerID, round: Int = 1, base: Int = 0,
            codec: CodecID = Self.codec,
            examples: Int = 10
        ) -> RoundEngine.Verdict {
            engine.offered(
                by: worker, round: RoundID(round), baseVersion: ModelVersion(base), scope: .wholeModel, codec: codec,
                exampleCount: examples, maximumExamples: 100, now: 0)
        }
        #expect(
            verdict(&engine, by: workers[1]) == .refuse(.init(.notAssigned, "worker w2 was not chosen for round 1")))
        #expect(
            verdict(&engine, by: workers[0], round: 2)
                == .refuse(.init(.wrongRound, "round 2 is not open; the open round is 1")))
        #expect(
            verdict(&engine, by: workers[0], base: 3)
                == .refuse(.init(.wrongModelVersion, "the update starts from model 3, the round from 0")))
        #expect(
            verdict(&engine, by: workers[0], codec: CodecID("ternary"))
                == .refuse(.init(.wrongCodec, "the codec is ternary, the assignment says dense-float32")))
        for examples in [0, -1, 101, Int.max, Int.min] {
            #expect(
                verdict(&engine, by: workers[0], examples: examples)
                    == .refuse(.init(.badExampleCount, "the example count \(examples) is not in 1...100")))
        }
        #expect(verdict(&engine, by: workers[0]) == .receive)
        #expect(
            verdict(&engine, by: workers[0])
                == .refuse(.init(.unavailable, "another update for this round is being received")))
    }

    @Test func storedUpdatesOfAnEarlierLifeCount() throws {
        let workers = try Self.names(2)
        var engine = RoundEngine(plan: try Self.plan(workers: 2, quorum: 2), stored: [workers[1]], now: 0)
        #expect(
            engine.start(connected: Set(workers), now: 0)
                == [.dispatch(workers[0]), .wake(at: 100)])
        #expect(Self.offer(&engine, workers[1]) == .alreadyAccepted)
        #expect(engine.acceptedCount == 1)
    }

    static func offer(_ engine: inout RoundEngine, _ worker: WorkerID, now: Double = 0) -> RoundEngine.Verdict {
        engine.offered(
            by: worker, round: RoundID(1), baseVersion: ModelVersion(0), scope: .wholeModel, codec: codec,
            exampleCount: 10, maximumExamples: 100, now: now)
    }
}
