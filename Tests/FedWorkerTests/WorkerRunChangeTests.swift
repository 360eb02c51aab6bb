// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedIdentity
import FedTransport
import FedWire
import FedWorker
import Foundation
import Synchronization
import Testing

/// A worker that stays up while its coordinator serves another run under the name of the one before.
@Suite(.timeLimit(.minutes(1))) struct WorkerRunChangeTests {
    /// Trains at once, or until it is stopped.
    private final class Trainer: LocalTrainer {
        let datasets = ["digits"]
        /// The models that trainings began with.
        let models = Mutex<[[Float]]>([])
        /// Told of each training.
        let began: AsyncStream<Void>
        private let begin: AsyncStream<Void>.Continuation
        /// The run whose trainings do not end by themselves.
        private let endless: RunDescription?

        init(endless: RunDescription? = nil) {
            self.endless = endless
            (began, begin) = AsyncStream.makeStream(of: Void.self)
        }

        func prepare(for run: RunDescription) {}

        func train(
            _ assignment: WorkerAssignment, in run: RunDescription, model: ParameterVector,
            optimizerState: OptimizerState?, own: [Float], adversarialStatistics: [Float]?,
            progress: @escaping @Sendable (Double) -> Void, shouldStop: @escaping @Sendable () -> Bool
        ) throws -> TrainingOutcome {
            models.withLock { $0.append(model.values) }
            begin.yield()
            while run == endless {
                guard !shouldStop() else { throw CancellationError() }
                usleep(1000)
            }
            return TrainingOutcome(
                change: model, exampleCount: 1, metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0))
        }
    }

    /// What differs from the run before.
    enum Difference: CaseIterable {
        case seed, layout
    }

    /// The coordinator's end of a session.
    private struct Session {
        let connection: any Connection
        var messages: InboundMessages.AsyncIterator

        init(_ connection: any Connection) {
            self.connection = connection
            messages = connection.messages.makeAsyncIterator()
        }

        /// The next message that is not a heartbeat.
        mutating func next() async throws -> InboundMessage {
            while let inbound = try await messages.next() {
                if case .heartbeat = inbound.message { continue }
                return inbound
            }
            throw TransportError(.connectionLost, "the worker has left")
        }

        /// Lets the worker in, which says that it holds a version.
        mutating func begin(_ run: RunDescription, holding version: ModelVersion?) async throws {
            guard case .hello(let hello) = try await next().message else {
                throw WorkerError(.protocolViolation, "no hello")
            }
            try await connection.send(
                .welcome(
                    Welcome(
                        version: try ProtocolVersionRange.supported.negotiated(with: hello.versions),
                        worker: try WorkerID("w"), heartbeatSeconds: 60, maximumTransferBytes: 1 << 20)))
            try await connection.send(.run(run))
            #expect(hello.held?.version == version)
        }

        /// Sends an assignment from version 0, whose values are all `value`; without one, a chain of no steps to it.
        func assign(_ round: Int, in run: RunDescription, _ value: Float?) async throws {
            var bytes: [UInt8] = []
            if let value {
                let model = try ParameterVector(
                    layout: run.layout, values: [Float](repeating: value, count: run.layout.count))
                bytes = try DenseFloat32Codec().encode(model, generator: SeededGenerator(key: 0))
            }
            let payload = OutgoingPayload(bytes)
            let header = connection.makeTransferHeader(for: payload)
            try await connection.send(
                .assignment(
                    Assignment(
                        assignment: WorkerAssignment(
                            worker: try WorkerID("w"), run: run.run, round: RoundID(round),
                            baseVersion: ModelVersion(0),
                            training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)),
                            codec: run.uplink.codec, seed: 3, deadlineSeconds: 60),
                        model: header, modelCodec: value == nil ? run.downlink.codec : CodecID("dense-float32"),
                        steps: value == nil ? Assignment.Steps(from: ModelVersion(0), byteCounts: []) : nil)))
            try? await connection.send(payload, on: header)
        }

        /// Receives an update, which must come next; all values of its change are `value`.
        mutating func expectUpdate(_ round: Int, of value: Float, in run: RunDescription) async throws {
            let inbound = try await next()
            guard case .updateOffer(let offer) = inbound.message, let transfer = inbound.transfer else {
                throw WorkerError(.protocolViolation, "no update but \(inbound.message)")
            }
            #expect(offer.round == RoundID(round))
            let bytes = try await transfer.collect(limit: 1 << 20)
            let change = try CodecRegistry.codec(run.uplink).decode(bytes, layout: run.layout)
            #expect(change.values.allSatisfy { $0 == value })
        }

        /// Answers the update of a round.
        func accept(_ round: Int, in run: RunDescription) async throws {
            try await connection.send(
                .receipt(Receipt(run: run.run, round: RoundID(round), verdict: .accepted)))
        }

        /// Given no steps to version 0 the worker says that it does not hold it, before anything else; it is then sent
        /// that version.
        mutating func repair(in run: RunDescription, with value: Float) async throws {
            try await assign(1, in: run, nil)
            let inbound = try await next()
            guard case .modelRequest(let request) = inbound.message else {
                throw WorkerError(.protocolViolation, "no request but \(inbound.message)")
            }
            #expect(request == ModelRequest(run: run.run, round: RoundID(1), reason: .notHeld))
            try await assign(1, in: run, value)
        }
    }

    private let state = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")

    private func run(errorFeedback: Bool = false, _ difference: Difference? = nil) throws -> RunDescription {
        RunDescription(
            run: try RunID("r-1"), model: ModelSpec(architecture: "mlp"),
            layout: try ModelLayout([
                ParameterSpec(name: "w", shape: difference == .layout ? [8] : [2, 3], role: .weight)
            ]),
            dataset: "digits", partition: .iid,
            uplink: CodecSpec(CodecID("dense-float32"), errorFeedback: errorFeedback),
            downlink: CodecSpec(CodecID("stc")), seed: difference == .seed ? 2 : 1, rounds: 9)
    }

    private func worker(_ trainer: Trainer) throws -> Worker {
        let authority = try CertificateAuthority(now: Date())
        let key = IdentityKey()
        let certificate = try authority.signWorker(WorkerID("w"), request: key.signingRequest(), now: Date())
        let credentials = try WorkerCredentials(
            key: key, certificate: certificate, authority: authority.certificate,
            coordinator: ServiceAddress("127.0.0.1:7070"))
        return Worker(.init(credentials: credentials, stateDirectory: state), trainer: trainer) { _ in }
    }

    /// One session, which ends with `body`.
    private func serve(
        _ worker: Worker, _ body: @escaping @Sendable (inout Session) async throws -> Void
    ) async throws {
        try await InProcessTransport.withPair(
            client: { _ = try? await worker.converse(over: $0) },
            server: { connection in
                var session = Session(connection)
                try await body(&session)
            })
    }

    /// The old run's model is not trained on and its update is not offered, whether the worker stayed up or not.
    @Test(arguments: Difference.allCases, [false, true])
    func anotherRunOfTheNameBeginsAnew(_ difference: Difference, _ errorFeedback: Bool) async throws {
        defer { try? FileManager.default.removeItem(at: state) }
        let (before, after) = (try run(errorFeedback: errorFeedback), try run(errorFeedback: errorFeedback, difference))
        let trainer = Trainer()
        var worker = try worker(trainer)
        try await serve(worker) { session in
            try await session.begin(before, holding: nil)
            try await session.assign(1, in: before, 0.5)
            try await session.expectUpdate(1, of: 0.5, in: before)
        }
        try await serve(worker) { session in
            try await session.begin(after, holding: ModelVersion(0))
            try await session.repair(in: after, with: 0.25)
            try await session.expectUpdate(1, of: 0.25, in: after)
        }
        #expect(trainer.models.withLock { $0.map(\.first) } == [0.5, 0.25])
        // Back to the first, after a restart of the worker.
        worker = try self.worker(trainer)
        try await serve(worker) { session in
            try await session.begin(before, holding: nil)
            try await session.repair(in: before, with: 0.75)
            try await session.expectUpdate(1, of: 0.75, in: before)
        }
    }

    @Test(arguments: Difference.allCases) func aTrainingForTheRunBeforeIsStopped(_ difference: Difference) async throws
    {
        defer { try? FileManager.default.removeItem(at: state) }
        let before = try run()
        let after = try run(difference)
        let trainer = Trainer(endless: before)
        let worker = try worker(trainer)
        try await serve(worker) { session in
            try await session.begin(before, holding: nil)
            try await session.assign(1, in: before, 0.5)
            for await _ in trainer.began { break }
        }
        try await serve(worker) { session in
            try await session.begin(after, holding: ModelVersion(0))
            try await session.assign(1, in: after, 0.25)
            try await session.expectUpdate(1, of: 0.25, in: after)
        }
    }

    /// After a restart of the coordinator, and of the worker, all is as it was.
    @Test(arguments: [false, true]) func theSameRunGoesOn(_ errorFeedback: Bool) async throws {
        defer { try? FileManager.default.removeItem(at: state) }
        let run = try run(errorFeedback: errorFeedback)
        let trainer = Trainer()
        let worker = try worker(trainer)
        try await serve(worker) { session in
            try await session.begin(run, holding: nil)
            try await session.assign(1, in: run, 0.5)
            try await session.expectUpdate(1, of: 0.5, in: run)
        }
        try await serve(worker) { session in
            try await session.begin(run, holding: ModelVersion(0))
            try await session.expectUpdate(1, of: 0.5, in: run)  // its receipt is still awaited
            try await session.accept(1, in: run)
            try await session.assign(2, in: run, nil)
            try await session.expectUpdate(2, of: 0.5, in: run)  // the copy is of use
        }
        try await serve(try self.worker(trainer)) { session in
            try await session.begin(run, holding: nil)
            try await session.expectUpdate(2, of: 0.5, in: run)
        }
        #expect(trainer.models.withLock { $0.count } == 2)
    }

    @Test func runsAreToldApart() throws {
        let run = try run()
        let identity = RunIdentity(of: run)
        var other = run
        other.rounds = 10
        other.adversarialCost = 2
        #expect(RunIdentity(of: other) == identity)
        #expect(try RunIdentity(of: self.run(.seed)) != identity && RunIdentity(of: self.run(.layout)) != identity)
        other = run
        other.run = try RunID("r-2")
        #expect(RunIdentity(of: other) != identity)
        other = run
        other.own = run.layout
        #expect(RunIdentity(of: other) != identity)
        // The same number of values in another arrangement.
        for parameter in [
            ParameterSpec(name: "w", shape: [3, 2], role: .weight),
            ParameterSpec(name: "v", shape: [2, 3], role: .weight),
            ParameterSpec(name: "w", shape: [2, 3], role: .bias),
        ] {
            other = run
            other.layout = try ModelLayout([parameter])
            #expect(RunIdentity(of: other) != identity)
        }
    }
}
