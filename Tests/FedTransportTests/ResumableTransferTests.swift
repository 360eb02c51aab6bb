// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTestSupport
import FedTransport
import FedWire
import Synchronization
import Testing

/// Transfers that go on behind what has arrived before their connection broke.
@Suite(.timeLimit(.minutes(2))) struct ResumableTransferTests {
    /// Several frames, the last one not full.
    static let bytes = Samples.bytes(600_000)

    /// What a receiver holds, and how a connection ended for it.
    final class Receiver: Sendable {
        private let state = Mutex<(bytes: [UInt8], error: TransferError?, isWhole: Bool)>(([], nil, false))
        var bytes: [UInt8] { state.withLock { $0.bytes } }
        var error: TransferError? { state.withLock { $0.error } }
        var isWhole: Bool { state.withLock { $0.isWhole } }

        init(holding bytes: [UInt8] = []) { state.withLock { $0.bytes = bytes } }

        /// Takes what the next message announces, behind what is held.
        func receive(over connection: any Connection) async throws {
            let transfer = try await connection.nextTransfer()
            var bytes = bytes
            do throws(TransferError) {
                try await transfer.collect(limit: 1 << 30, into: &bytes)
                state.withLock { $0 = (bytes, nil, true) }
            } catch {
                state.withLock { $0 = (bytes, error, false) }
            }
        }
    }

    /// Sends the rest of `bytes` over a connection that breaks after `up` bytes of the client.
    @discardableResult
    static func connect(_ receiver: Receiver, up: Int, sending bytes: [UInt8] = bytes) async -> CutPipe {
        await connect(receiver, up: up, sending: OutgoingPayload(bytes))
    }

    /// The same of a payload.
    @discardableResult
    static func connect(_ receiver: Receiver, up: Int, sending payload: OutgoingPayload) async -> CutPipe {
        let held = receiver.bytes.count
        return await CutTransport.withPair(up: up) { connection in
            let header = connection.makeTransferHeader(for: payload, from: held)
            try await connection.send(try Samples.offer(header))
            try await connection.send(payload, on: header)
            // Until the receiver has seen the end of it.
            for try await _ in connection.messages {}
        } server: { connection in
            try await receiver.receive(over: connection)
        }.client
    }

    @Test func whereverItIsCutNothingIsSentTwice() async throws {
        let whole = Receiver()
        let uncut = await Self.connect(whole, up: .max)
        #expect(whole.isWhole && whole.bytes == Self.bytes)
        let overhead = uncut.sentBytes - Self.bytes.count
        var generator = SeededGenerator(key: 3)
        let boundaries = uncut.partEnds.flatMap { [$0 - 1, $0, $0 + 1] }
        let others = (0..<20).map { _ in 1 + generator.nextIndex(below: uncut.sentBytes) }
        for offset in Set(boundaries + others) where offset > 0 {
            let receiver = Receiver()
            let first = await Self.connect(receiver, up: offset)
            let held = receiver.bytes.count
            #expect(Self.bytes.starts(with: receiver.bytes))
            if !receiver.isWhole {
                #expect(receiver.error.map(\.isConnectionLoss) ?? true, "cut after \(offset): \(receiver.error as Any)")
                // All that came through is held, but for what the messages and the heads of frames take.
                #expect(held >= min(first.sentBytes, Self.bytes.count) - overhead, "cut after \(offset)")
                let second = await Self.connect(receiver, up: .max)
                // An offset takes some bytes more, and a heartbeat may.
                #expect(second.sentBytes <= Self.bytes.count - held + overhead + 50, "cut after \(offset)")
                #expect(
                    first.sentBytes + second.sentBytes <= Self.bytes.count + 2 * overhead + FrameLimits.dataPayload)
            }
            #expect(receiver.isWhole && receiver.bytes == Self.bytes, "cut after \(offset)")
        }
    }

    @Test func aTransferGetsThroughOverConnectionsThatAreAllTooShort() async throws {
        let receiver = Receiver()
        var sent = 0
        var connections = 0
        while !receiver.isWhole, connections < 100 {
            sent += await Self.connect(receiver, up: 50_000).sentBytes
            connections += 1
        }
        #expect(receiver.isWhole && receiver.bytes == Self.bytes)
        #expect((12...15).contains(connections), "\(connections) connections")
        #expect(sent < Self.bytes.count + connections * 1000)
    }

    @Test func whatIsHeldMustBeTheBeginningOfTheSameBytes() async throws {
        var other = Array(Self.bytes[..<1000])
        other[0] ^= 1
        let receiver = Receiver(holding: other)
        await Self.connect(receiver, up: .max)
        #expect(receiver.error == TransferError(.digestMismatch, ""))
    }

    @Test(arguments: [0, 1, 599_999, 600_000]) func aTransferBeginsAnywhere(_ offset: Int) async throws {
        let receiver = Receiver(holding: Array(Self.bytes[..<offset]))
        await Self.connect(receiver, up: .max)
        #expect(receiver.isWhole && receiver.bytes == Self.bytes)
    }

    /// Segments of 0 to 292 bytes.
    @Test(arguments: [0, 1, 299_999, 599_999, 600_000])
    func aTransferOfThousandsOfSegmentsBeginsAnywhere(_ offset: Int) async throws {
        var segments: [[UInt8]] = []
        var start = 0
        while start < Self.bytes.count {
            let end = min(start + segments.count % 293, Self.bytes.count)
            segments.append(Array(Self.bytes[start..<end]))
            start = end
        }
        #expect(segments.count > 4000)
        let receiver = Receiver(holding: Array(Self.bytes[..<offset]))
        await Self.connect(receiver, up: .max, sending: OutgoingPayload(segments: segments))
        #expect(receiver.isWhole && receiver.bytes == Self.bytes)
    }

    /// A sender that announces an offset and then sends more than the rest.
    @Test func moreThanTheRestIsTooMuch() async throws {
        let receiver = Receiver(holding: Array(Self.bytes[..<599_000]))
        let bytes = Self.bytes
        try await TransportUnderTest.inProcess.withRawClient { peer in
            let header = try TransferHeader(
                stream: 1, byteCount: bytes.count, sha256: OutgoingPayload(bytes).sha256, offset: 599_000)
            try await peer.send(try FrameEncoder.control(try Samples.offer(header)))
            try await peer.send(try FrameEncoder.dataHeader(stream: 1, length: 2000))
            try await peer.send([UInt8](repeating: 0, count: 2000))
            try await peer.send(try FrameEncoder.end(stream: 1))
        } server: { connection in
            try await receiver.receive(over: connection)
        }
        #expect(receiver.error == TransferError(.oversize, ""))
    }

    @Test func progressIsTheBytesThatWereSent() async throws {
        let counted = Mutex(0)
        let payload = OutgoingPayload(Self.bytes)
        let receiver = Receiver(holding: Array(Self.bytes[..<100_000]))
        try await InProcessTransport.withPair { connection in
            let header = connection.makeTransferHeader(for: payload, from: 100_000)
            try await connection.send(try Samples.offer(header))
            try await connection.send(payload, on: header) { count in counted.withLock { $0 += count } }
            for try await _ in connection.messages {}
        } server: { connection in
            try await receiver.receive(over: connection)
        }
        #expect(receiver.isWhole)
        #expect(counted.withLock { $0 } == 500_000)
    }
}
