// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedTestSupport
import FedTransport
import FedWire
import Foundation
import Synchronization
import Testing

/// Uploads and downloads that go on over another connection.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ResumableTransferTests {
    /// Several frames as float32.
    static let layout = try? ModelLayout([ParameterSpec(name: "w", shape: [150_000], role: .weight)])
    /// Values, and four bytes of head.
    static let payloadBytes = 4 + 600_000

    /// Something that happens once.
    final class Flag: Sendable {
        private let flag = Mutex(false)
        var isSet: Bool { flag.withLock { $0 } }
        func set() { flag.withLock { $0 = true } }
    }

    static func federation(
        rounds: Int = 1, workers: Int = 1, quorum: Double = 1, deadline: Double = 100, partialMemory: Int = 1 << 30
    ) async throws -> CoordinatorTests.Federation {
        let layout = try #require(layout)
        let config = try CoordinatorTests.config(rounds: rounds, workers: workers, quorum: quorum, deadline: deadline)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-\(UUID())")
        let events = CoordinatorTests.EventLog()
        let store = MemoryRunStore()
        let model = CentralModel(
            layout: layout, initialParameters: { _ in ParameterVector(zeros: layout) },
            evaluate: { Evaluation(accuracy: 0.5, loss: Double($0.values[0])) })
        var settings = Coordinator.Settings()
        settings.reconnectGrace = 0.2
        // Other tests may keep every thread busy for long.
        settings.helloSeconds = 120
        settings.heartbeatSeconds = 20
        settings.partialMemory = partialMemory
        return CoordinatorTests.Federation(
            coordinator: try Coordinator(
                config: config, model: model, records: try await RunRecords(for: config, in: store, directory: folder),
                settings: settings, observe: events.add),
            store: store, events: events, folder: folder)
    }

    /// Carries a run out while `body` plays its workers.
    static func run(
        _ federation: CoordinatorTests.Federation, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> RunReport {
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        async let working: Void = body()
        let report = try await federation.coordinator.carryOut()
        try await working
        return report
    }

    /// One round of one client whose first connection breaks as told.
    static func cutOnce(up: Int = .max, down: Int = .max) async throws -> (RunReport, ResumingClient) {
        let federation = try await federation()
        let client = try ResumingClient("a", federation.coordinator)
        let report = try await run(federation) { await client.connect { $0 == 0 ? (up, down) : (.max, .max) } }
        return (report, client)
    }

    /// All boundaries of what was sent in `parts`, and some other places.
    static func places(_ parts: [Int], key: UInt64) -> [Int] {
        var generator = SeededGenerator(key: key)
        let others = (0..<12).map { _ in 1 + generator.nextIndex(below: parts.last ?? 1) }
        return Set(parts + parts.map { $0 + 1 } + others).sorted()
    }

    @Test func whereverAnUploadIsCutNothingIsSentTwice() async throws {
        let (report, once) = try await Self.cutOnce()
        #expect(report.final.uplinkBytes == Self.payloadBytes)
        let overhead = once.seen.sentUp - Self.payloadBytes
        for place in Self.places(once.seen.partsUp, key: 1) {
            let (report, client) = try await Self.cutOnce(up: place)
            let seen = client.seen
            #expect(report.final.loss == 1, "cut after \(place)")
            #expect(report.final.uplinkBytes == Self.payloadBytes, "cut after \(place)")
            #expect(seen.sentUp <= Self.payloadBytes + 3 * overhead + FrameLimits.dataPayload, "cut after \(place)")
            // A receipt may be cut, too; the run is then over when the client is back.
            #expect(
                seen.verdicts.allSatisfy { $0 == .accepted || $0 == .alreadyAccepted }, "cut after \(place)")
        }
    }

    @Test func whereverADownloadIsCutNothingIsSentTwice() async throws {
        let (report, once) = try await Self.cutOnce()
        #expect(report.final.downlinkBytes == Self.payloadBytes)
        let overhead = once.seen.sentDown - Self.payloadBytes
        for place in Self.places(once.seen.partsDown, key: 2) {
            let (report, client) = try await Self.cutOnce(down: place)
            let seen = client.seen
            #expect(report.final.loss == 1, "cut after \(place)")
            // This client does not say that it has trained from a model, as a worker does: it is offered that once more, and
            // takes none of it.
            let isTrained = place >= Self.payloadBytes
            #expect(
                report.final.downlinkBytes <= Self.payloadBytes + (isTrained ? FrameLimits.initialCredit : 0),
                "cut after \(place) of \(once.seen.partsDown): \(seen.downloads.map(\.offset))")
            #expect(seen.sentDown <= Self.payloadBytes + 3 * overhead + FrameLimits.dataPayload, "cut after \(place)")
            if seen.downloads.count > 1, place > overhead + FrameLimits.initialCredit {
                #expect(seen.downloads[1].offset > 0, "cut after \(place)")
                #expect(report.final.denseDownlinkBytes == 600_000, "a model that goes on is not sent again")
            }
        }
    }

    /// Neither a model nor an update gets through any one connection.
    @Test func aRunFinishesOverConnectionsThatAreAllTooShort() async throws {
        let federation = try await Self.federation(rounds: 2, workers: 2)
        let clients = try ["a", "b"].map { try ResumingClient($0, federation.coordinator) }
        let report = try await Self.run(federation) {
            await withDiscardingTaskGroup { group in
                for client in clients { group.addTask { await client.connect { _ in (150_000, 150_000) } } }
            }
        }
        #expect(report.rounds.map(\.accepted) == [2, 2])
        #expect(report.final.loss == 2)
        #expect(report.final.uplinkBytes == 4 * Self.payloadBytes)
        // What was on its way when a connection was cut is sent again; nothing is begun anew.
        #expect(report.final.downlinkBytes < 2 * 4 * Self.payloadBytes)
        for client in clients { #expect(client.seen.verdicts.count == 2) }
    }

    @Test func anotherUpdateBeginsAnew() async throws {
        let federation = try await Self.federation()
        let changes = CoordinatorTests.Counter()
        let client = try ResumingClient("a", federation.coordinator) { Float(changes.next()) }
        let report = try await Self.run(federation) {
            await client.connect(up: 300_000)
            // Its files are lost: it knows nothing of its first update, and trains again.
            let again = try ResumingClient("a", federation.coordinator) { Float(changes.next()) }
            await again.connect { _ in (.max, .max) }
            #expect(again.seen.welcomed.first??.byteCount ?? 0 > 200_000, "\(again.seen.welcomed)")
            #expect(again.seen.offers == [0])
            #expect(again.seen.verdicts == [.accepted])
        }
        #expect(report.final.loss == 2)
    }

    @Test func anOffsetBehindNothingIsRefusedAndTheUpdateIsTakenFromItsBeginning() async throws {
        let federation = try await Self.federation()
        let layout = try #require(Self.layout)
        let report = try await Self.run(federation) {
            try await InProcessTransport.withPair { connection in
                try await connection.send(.hello(Hello(agent: "hostile", datasets: ["digits"])))
                let payload = OutgoingPayload(
                    try CodecRegistry.codec(CodecID("dense-float32")).encode(
                        ParameterVector(zeros: layout), generator: SeededGenerator(key: 1)))
                var offsets = [payload.byteCount, payload.byteCount - 1, 1, 0]
                var assignment: WorkerAssignment?
                for try await inbound in connection.messages {
                    switch inbound.message {
                    case .assignment(let message):
                        assignment = message.assignment
                    case .receipt(let receipt):
                        if offsets.isEmpty {
                            #expect(receipt.verdict == .accepted)
                        } else if case .refused(.unavailable, let sentence) = receipt.verdict {
                            #expect(sentence.contains("from its beginning"))
                        } else {
                            Issue.record("\(receipt.verdict)")
                        }
                    case .runEnded: return
                    default: continue
                    }
                    guard let assignment, !offsets.isEmpty else { continue }
                    try await connection.offer(payload, from: offsets.removeFirst(), of: assignment)
                }
            } server: { connection in
                await federation.coordinator.converse(with: try WorkerID("a"), over: connection)
            }
        }
        #expect(report.final.loss == 0)
    }

    @Test func whatIsHeldOfAnUploadGoesWithItsRound() async throws {
        let federation = try await Self.federation(rounds: 1, workers: 2, quorum: 0.5)
        let slow = try ResumingClient("slow", federation.coordinator)
        let quick = try ResumingClient("quick", federation.coordinator) {
            while slow.seen.welcomed.count < 2 { try? await Task.sleep(for: .milliseconds(5)) }
            return 1
        }
        let report = try await Self.run(federation) {
            async let other: Void = quick.connect { _ in (.max, .max) }
            await slow.connect(up: 300_000)
            // Is told what is held, and gone before it can make use of it.
            await slow.connect(up: 100)
            await other
            await slow.connect()
        }
        #expect(report.rounds.map(\.accepted) == [1])
        let held = slow.seen.welcomed.map { $0?.byteCount ?? 0 }
        #expect(held.count == 3 && held[0] == 0 && held[1] > 200_000 && held[2] == 0, "\(held)")
    }

    @Test func workersThatBeginAndVanishDoNotTakeMoreThanTheirRoom() async throws {
        let names = (0..<6).map { "w\($0)" }
        let room = 1_000_000
        let federation = try await Self.federation(workers: names.count, partialMemory: room)
        let clients = try names.map { try ResumingClient($0, federation.coordinator) }
        let report = try await Self.run(federation) {
            // Each gets its assignment, sends half of its update, and is gone.
            await withDiscardingTaskGroup { group in
                for client in clients { group.addTask { await client.connect(up: 350_000) } }
            }
            var held = 0
            for client in clients {
                await client.connect(up: 100)
                held += client.seen.welcomed.last??.byteCount ?? 0
            }
            #expect(held <= room && held > room / 2, "\(held) bytes are held")
            await withDiscardingTaskGroup { group in
                for client in clients { group.addTask { await client.connect { _ in (.max, .max) } } }
            }
        }
        #expect(report.rounds[0].accepted == names.count)
        let offsets = clients.compactMap { $0.seen.offers.last }
        #expect(offsets.count { $0 > 0 } >= 2 && offsets.contains(0), "\(offsets)")
    }

    /// A worker whose old connection is silent but not closed goes on at once over a new one.
    @Test func aHalfOpenConnectionHandsItsUploadOver() async throws {
        let federation = try await Self.federation()
        let client = try ResumingClient("a", federation.coordinator)
        let isSilent = Flag()
        let report = try await Self.run(federation) {
            async let stuck: Void = client.connect(up: 300_000) { isSilent.set() }
            while !isSilent.isSet { try await Task.sleep(for: .milliseconds(5)) }
            await client.connect { _ in (.max, .max) }
            await stuck
        }
        #expect(report.final.loss == 1)
        let seen = client.seen
        #expect(seen.offers.count == 2 && seen.offers[1] == seen.welcomed[1]?.byteCount ?? 0, "\(seen.offers)")
        #expect(report.final.uplinkBytes == Self.payloadBytes, "what was handed over was counted once")
        #expect(seen.verdicts == [.accepted])
    }

    /// An update is known by its bytes: what a worker is told is true of what it has.
    @Test func aRepetitionIsTakenForStoredAndAnotherUpdateIsNot() async throws {
        let federation = try await Self.federation(rounds: 2, workers: 2)
        let layout = try #require(Self.layout)
        let isDone = Flag()
        let other = try ResumingClient("b", federation.coordinator) {
            while !isDone.isSet { try? await Task.sleep(for: .milliseconds(5)) }
            return 1
        }
        let name = try WorkerID("a")
        let verdicts = CoordinatorTests.VerdictLog()
        let report = try await Self.run(federation) {
            async let working: Void = other.connect { _ in (.max, .max) }
            try await InProcessTransport.withPair { connection in
                let payloads = try [Float(3), 5].map { value in
                    var change = [Float](repeating: 0, count: layout.count)
                    change[0] = value
                    return OutgoingPayload(
                        try CodecRegistry.codec(CodecID("dense-float32")).encode(
                            ParameterVector(layout: layout, values: change), generator: SeededGenerator(key: 1)))
                }
                try await connection.send(.hello(Hello(agent: "fake", datasets: ["digits"])))
                var assignments: [WorkerAssignment] = []
                // The payload and the round of each offer.
                var offers = [(0, 0), (0, 0), (1, 0), (0, 0), (1, 0), (0, 1)][...]
                for try await inbound in connection.messages {
                    switch inbound.message {
                    case .assignment(let message): assignments.append(message.assignment)
                    case .receipt(let receipt):
                        verdicts.add([receipt.verdict], of: name)
                        // The other one may finish the first round.
                        if offers.count == 3 { isDone.set() }
                    case .runEnded: return
                    default: continue
                    }
                    guard let (payload, round) = offers.first, assignments.count > (offers.count > 3 ? 0 : 1) else {
                        continue
                    }
                    offers.removeFirst()
                    try await connection.offer(payloads[payload], of: assignments[round])
                }
            } server: { connection in
                await federation.coordinator.converse(with: name, over: connection)
            }
            await working
        }
        let kinds = verdicts.of(name).map { verdict in
            switch verdict {
            case .accepted: "accepted"
            case .alreadyAccepted: "already"
            case .refused(let code, _): "\(code)"
            }
        }
        #expect(kinds == ["accepted", "already", "another-update", "already", "another-update", "accepted"])
        #expect(report.final.loss == 4)
    }
}
