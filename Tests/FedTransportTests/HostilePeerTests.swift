// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import FedWire
import Testing

/// What every transport does about peers that break the protocol, or their word.
@Suite(.timeLimit(.minutes(5))) struct HostilePeerTests {
    static let bytes = Samples.bytes(60_000)

    /// Waits for the transfer's error, then shows that messages and transfers still work.
    private static func expect(
        _ code: TransferError.Code, from connection: any Connection
    ) async throws {
        let error = await #expect(throws: TransferError.self) {
            try await connection.nextTransfer().collect(limit: 1 << 20)
        }
        #expect(error?.code == code)
        let second = try await connection.nextTransfer()
        #expect(try await second.collect(limit: 3) == [1, 2, 3])
        try await connection.send(try Samples.decline("done"))
    }

    /// A correct transfer, and the answer to it.
    private static func proveLife(_ peer: RawPeer, stream: UInt32) async throws {
        try await peer.send(try Samples.offer(try Samples.header([1, 2, 3], stream: stream)))
        try await peer.send(data: [1, 2, 3], on: stream)
        try await peer.send(try FrameEncoder.end(stream: stream))
        #expect(try await peer.nextMessage() == Samples.decline("done"))
    }

    @Test(arguments: TransportUnderTest.allCases)
    func anEarlyEndIsTruncation(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: 1)))
            try await peer.send(data: [UInt8](Self.bytes.dropLast()), on: 1)
            try await peer.send(try FrameEncoder.end(stream: 1))
            try await Self.proveLife(peer, stream: 3)
        } server: { connection in
            try await Self.expect(.truncated, from: connection)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func moreThanAnnouncedIsOversize(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: 1, byteCount: 1000)))
            try await peer.send(data: Self.bytes, on: 1)
            #expect(await peer.nextReset() == .oversize)
            try await peer.send(try FrameEncoder.reset(stream: 1, code: .abandoned))
            try await Self.proveLife(peer, stream: 3)
        } server: { connection in
            try await Self.expect(.oversize, from: connection)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func oneByteTooManyAtTheEndOfItsCreditIsOversizeToo(transport: TransportUnderTest) async throws {
        let bytes = Samples.bytes(FrameLimits.initialCredit + 1)
        try await transport.withRawClient { peer in
            try await peer.send(
                try Samples.offer(try Samples.header(bytes, stream: 1, byteCount: FrameLimits.initialCredit)))
            try await peer.send(data: [UInt8](bytes.dropLast()), on: 1)
            let credit = await peer.next { if case .credit(1, let count) = $0 { count } else { nil } }
            #expect(try #require(credit) > 0)
            try await peer.send(data: [7], on: 1)
            try await peer.send(try FrameEncoder.end(stream: 1))
            try await Self.proveLife(peer, stream: 3)
        } server: { connection in
            try await Self.expect(.oversize, from: connection)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func otherBytesThanAnnouncedAreADigestMismatch(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: 1)))
            try await peer.send(data: Self.bytes.reversed(), on: 1)
            try await peer.send(try FrameEncoder.end(stream: 1))
            try await Self.proveLife(peer, stream: 3)
        } server: { connection in
            try await Self.expect(.digestMismatch, from: connection)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aResetIsAnAbandonedTransfer(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: 1)))
            try await peer.send(data: [UInt8](Self.bytes.prefix(100)), on: 1)
            try await peer.send(try FrameEncoder.reset(stream: 1, code: ResetCode(rawValue: 4711)))
            try await Self.proveLife(peer, stream: 3)
        } server: { connection in
            try await Self.expect(.abandoned, from: connection)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aNinthTransferAtOnceIsRefused(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            for stream in 0...UInt32(FrameLimits.concurrentTransfers) {
                try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: stream * 2 + 1)))
            }
            #expect(await peer.nextReset() == .tooManyTransfers)
            try await peer.send(try Samples.decline("still here"))
        } server: { connection in
            var transfers: [IncomingTransfer] = []
            for _ in 0...FrameLimits.concurrentTransfers { transfers.append(try await connection.nextTransfer()) }
            let reason = try await connection.nextReason()
            #expect(reason == "still here")
            let ninth = transfers.removeLast()
            await #expect(throws: TransferError(.tooManyTransfers, "")) { try await ninth.collect(limit: 1 << 20) }
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func bytesThatNobodyConsumesStopAtTheInitialCredit(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            try await peer.send(try Samples.offer(try Samples.header(Samples.bytes(1_000_000), stream: 1)))
            try await peer.send(try Samples.decline("ask"))
            // Nothing but heartbeats may come before the answer: no credit.
            let event = await peer.next { event -> FrameEvent? in
                if case .control(let payload) = event, case .known(.heartbeat)? = try? ControlMessage.decode(payload) {
                    return nil
                }
                return event
            }
            guard case .control = event else {
                Issue.record("credit was given for bytes that nobody consumes")
                return
            }
            try await peer.send(data: Samples.bytes(FrameLimits.initialCredit + 1), on: 1)
            guard case .peerError(let error)? = await peer.nextMessage() else {
                Issue.record("bytes beyond the credit were taken")
                return
            }
            #expect(error.code == .protocolViolation)
        } server: { connection in
            let transfer = try await connection.nextTransfer()
            let reason = try await connection.nextReason()
            #expect(reason == "ask")
            try await connection.send(try Samples.decline("answer"))
            let error = await #expect(throws: TransportError.self) { try await connection.nextMessage() }
            #expect(error?.code == .protocolViolation)
            await #expect(throws: TransferError(.connectionLost, "")) { try await transfer.collect(limit: 1 << 20) }
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aSenderStopsWithoutCreditWhileMessagesAndHeartbeatsGoOn(transport: TransportUnderTest) async throws {
        let count = FrameLimits.initialCredit + 1000
        try await transport.withRawClient(
            serverConfiguration: ConnectionConfiguration(heartbeatInterval: .milliseconds(200))
        ) { peer in
            var received = 0
            var beats = 0
            // The peer beats as well, or it would be taken for dead.
            while beats < 3 {
                try await peer.send(.heartbeat(Heartbeat(progress: 0.5)))
                _ = await peer.next { event -> Bool? in
                    if case .data(_, let range) = event { received += range.count }
                    guard case .control(let payload) = event,
                        case .known(.heartbeat)? = try? ControlMessage.decode(payload)
                    else { return nil }
                    beats += 1
                    return true
                }
            }
            #expect(received == FrameLimits.initialCredit)
            try await peer.send(try FrameEncoder.credit(stream: 2, byteCount: 400))
            try await peer.send(try FrameEncoder.credit(stream: 2, byteCount: 600))
            _ = await peer.next { event -> Bool? in
                if case .data(_, let range) = event { received += range.count }
                return event == .end(stream: 2) ? true : nil
            }
            #expect(received == count)
            // Late answers about a transfer that is over are of no account.
            try await peer.send(try FrameEncoder.credit(stream: 2, byteCount: 1))
            try await peer.send(try FrameEncoder.reset(stream: 2, code: .abandoned))
            try await peer.send(try Samples.decline("done"))
        } server: { connection in
            try await connection.offer(Samples.bytes(count))
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aReceiverThatGivesUpStopsTheSender(transport: TransportUnderTest) async throws {
        try await transport.withRawClient { peer in
            _ = await peer.nextMessage()
            try await peer.send(try FrameEncoder.reset(stream: 2, code: .tooLarge))
            #expect(await peer.nextReset() == .abandoned)
            try await peer.send(try Samples.decline("done"))
        } server: { connection in
            let error = await #expect(throws: TransportError.self) {
                try await connection.offer(Samples.bytes(1_000_000))
            }
            #expect(error?.code == .transferReset)
            #expect(error?.resetCode == .tooLarge)
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func silenceEndsTheConnection(transport: TransportUnderTest) async throws {
        try await transport.withRawClient(
            serverConfiguration: ConnectionConfiguration(heartbeatInterval: .milliseconds(10))
        ) { peer in
            guard case .peerError(let error)? = await peer.nextMessage() else {
                Issue.record("the silent peer was not told")
                return
            }
            #expect(error.code == .silent)
        } server: { connection in
            let error = await #expect(throws: TransportError.self) { try await connection.nextMessage() }
            #expect(error?.code == .silent)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aStalledTransferIsGivenUp(transport: TransportUnderTest) async throws {
        try await transport.withRawClient(
            serverConfiguration: ConnectionConfiguration(heartbeatInterval: .milliseconds(10), stalledIntervals: 1)
        ) { peer in
            try await peer.send(try Samples.offer(try Samples.header(Self.bytes, stream: 1)))
            let reset = await peer.next { event -> ResetCode? in
                if case .reset(1, let code) = event { code } else { nil }
            }
            #expect(reset == .stalled)
        } server: { connection in
            let transfer = try await connection.nextTransfer()
            await #expect(throws: TransferError(.stalled, "")) { try await transfer.collect(limit: 1 << 20) }
        }
    }

    /// Byte sequences that a peer must not send, each of which ends the connection with a reason.
    enum Violation: CaseIterable {
        case unknownFrameType, oversizedControl, oversizedData, controlOnStream, dataOnStreamZero, emptyData
        case notProtobuf, invalidField, bytesOfUnknownStream, endOfUnknownStream, bytesOnOurStream
        case announcementOnOurStream, repeatedStream, creditForUnknownStream, resetOfUnknownStream, zeroCredit
        case flood

        func bytes() throws -> [UInt8] {
            switch self {
            case .unknownFrameType: return [0, 0, 0, 0, 9, 0, 0, 0, 0]
            case .oversizedControl: return [0, 0x10, 0, 1, 1, 0, 0, 0, 0]
            case .oversizedData: return [0, 4, 0, 1, 2, 0, 0, 0, 1]
            case .controlOnStream: return [0, 0, 0, 0, 1, 0, 0, 0, 1]
            case .dataOnStreamZero: return [0, 0, 0, 1, 2, 0, 0, 0, 0, 7]
            case .emptyData: return [0, 0, 0, 0, 2, 0, 0, 0, 1]
            case .notProtobuf: return [0, 0, 0, 3, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF]
            case .invalidField:
                let offer = try FrameEncoder.control(try Samples.offer(try Samples.header([1], stream: 1)))
                // The name of the worker, with a character that names do not have.
                return offer.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "/") : $0 }
            case .bytesOfUnknownStream: return try FrameEncoder.dataHeader(stream: 1, length: 1) + [7]
            case .endOfUnknownStream: return try FrameEncoder.end(stream: 1)
            case .bytesOnOurStream: return try FrameEncoder.dataHeader(stream: 2, length: 1) + [7]
            case .announcementOnOurStream:
                return try FrameEncoder.control(try Samples.offer(try Samples.header([1], stream: 2)))
            case .repeatedStream:
                let offer = try FrameEncoder.control(try Samples.offer(try Samples.header([], stream: 1)))
                return offer + (try FrameEncoder.end(stream: 1)) + offer
            case .creditForUnknownStream: return try FrameEncoder.credit(stream: 2, byteCount: 1)
            case .resetOfUnknownStream: return try FrameEncoder.reset(stream: 2, code: .abandoned)
            case .zeroCredit: return try FrameEncoder.credit(stream: 2, byteCount: 0)
            case .flood:
                let message = try FrameEncoder.control(try Samples.decline("again and again"))
                return (0..<8192).flatMap { _ in message }
            }
        }
    }

    @Test(arguments: TransportUnderTest.allCases, Violation.allCases)
    func aViolationEndsTheConnectionWithAReason(transport: TransportUnderTest, violation: Violation) async throws {
        let isOver = Latch()
        try await transport.withRawClient { peer in
            try await peer.send(try violation.bytes())
            guard case .peerError(let error)? = await peer.nextMessage() else {
                Issue.record("the peer was not told what it did wrong")
                return
            }
            #expect(error.code == .protocolViolation)
            isOver.open()
        } server: { connection in
            // Nobody consumes messages until the peer was told.
            await isOver.wait()
            let error = await #expect(throws: TransportError.self) {
                while try await connection.nextMessage() != nil {}
            }
            #expect(error?.code == .protocolViolation)
        }
    }
}
