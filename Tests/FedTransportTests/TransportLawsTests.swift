// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import FedWire
import Testing

/// What every transport does for peers that keep the protocol.
@Suite(.timeLimit(.minutes(5))) struct TransportLawsTests {
    @Test(arguments: TransportUnderTest.allCases)
    func messagesArriveInOrder(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            for index in 0..<100 { try await connection.send(try Samples.decline("\(index)")) }
            for index in 0..<100 { #expect(try await connection.nextReason() == "\(index)") }
        } server: { connection in
            for index in 0..<100 {
                let reason = try await connection.nextReason()
                #expect(reason == "\(index)")
                try await connection.send(try Samples.decline("\(index)"))
            }
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases, [0, 1, 65536, 65537, 262_144, 8_000_000])
    func bytesArriveIntact(transport: TransportUnderTest, count: Int) async throws {
        let bytes = Samples.bytes(count)
        try await transport.withPair { connection in
            try await connection.offer(bytes)
            let back = try await connection.nextTransfer().collect(limit: count)
            #expect(back == bytes)
        } server: { connection in
            let received = try await connection.nextTransfer().collect(limit: count)
            #expect(received == bytes)
            try await connection.offer(received)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func transfersAndMessagesInterleave(transport: TransportUnderTest) async throws {
        let payloads = (1...3).map { Samples.bytes(3_000_000, seed: UInt64($0)) }
        try await transport.withPair { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, bytes) in payloads.enumerated() {
                    group.addTask { try await connection.offer(bytes, round: index) }
                }
                group.addTask {
                    for index in 0..<50 { try await connection.send(try Samples.decline("\(index)")) }
                }
                try await group.waitForAll()
            }
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            var reasons: [String] = []
            try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                var offers = 0
                while offers < 3 || reasons.count < 50 {
                    let message = try #require(try await connection.nextMessage())
                    switch message.message {
                    case .decline(let decline): reasons.append(decline.reason)
                    case .updateOffer(let offer):
                        let transfer = try #require(message.transfer)
                        offers += 1
                        group.addTask { (offer.round.rawValue, try await transfer.collect(limit: 3_000_000)) }
                    default: Issue.record("an unexpected message")
                    }
                }
                for try await (index, bytes) in group { #expect(bytes == payloads[index]) }
            }
            #expect(reasons == (0..<50).map { "\($0)" })
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func chunksAddUpToTheBytes(transport: TransportUnderTest) async throws {
        let bytes = Samples.bytes(1_000_000)
        try await transport.withPair { connection in
            try await connection.offer(bytes)
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            var received: [UInt8] = []
            try await connection.nextTransfer().forEachChunk(limit: bytes.count) { received += $0 }
            #expect(received == bytes)
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aTransferAboveTheLimitIsRefusedAndTheConnectionLivesOn(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            let error = await #expect(throws: TransportError.self) {
                try await connection.offer(Samples.bytes(1_000_000))
            }
            #expect(error?.code == .transferReset)
            #expect(error?.resetCode == .tooLarge)
            try await connection.offer([1, 2, 3])
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            let large = try await connection.nextTransfer()
            await #expect(throws: TransferError(.tooLarge, "")) { try await large.collect(limit: 999_999) }
            let small = try await connection.nextTransfer()
            #expect(try await small.collect(limit: 3) == [1, 2, 3])
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aTransferThatNobodyHoldsIsAbandoned(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            let error = await #expect(throws: TransportError.self) {
                try await connection.offer(Samples.bytes(1_000_000))
            }
            #expect(error?.resetCode == .abandoned)
            try await connection.send(try Samples.decline("still here"))
        } server: { connection in
            _ = try await connection.nextMessage()
            let reason = try await connection.nextReason()
            #expect(reason == "still here")
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aCancelledSenderGivesUpItsTransferOnly(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            let sending = Task { try await connection.offer(Samples.bytes(1_000_000)) }
            let first = try await connection.nextReason()
            #expect(first == "announced")
            sending.cancel()
            await #expect(throws: TransportError(.cancelled, "")) { try await sending.value }
            try await connection.offer([7])
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            let transfer = try await connection.nextTransfer()
            try await connection.send(try Samples.decline("announced"))
            let second = try await connection.nextTransfer()
            await #expect(throws: TransferError(.abandoned, "")) { try await transfer.collect(limit: 1_000_000) }
            #expect(try await second.collect(limit: 1) == [7])
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aNinthTransferAtOnceIsNotAnnounced(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            let payload = OutgoingPayload([1])
            var headers: [TransferHeader] = []
            for _ in 0..<FrameLimits.concurrentTransfers {
                let header = connection.makeTransferHeader(for: payload)
                try await connection.send(try Samples.offer(header))
                headers.append(header)
            }
            let ninth = connection.makeTransferHeader(for: payload)
            await #expect(throws: TransportError(.tooManyTransfers, "")) {
                try await connection.send(try Samples.offer(ninth))
            }
            for header in headers { try await connection.send(payload, on: header) }
            try await connection.offer([2])
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            var transfers: [IncomingTransfer] = []
            for _ in 0...FrameLimits.concurrentTransfers { transfers.append(try await connection.nextTransfer()) }
            for transfer in transfers { _ = try await transfer.collect(limit: 1) }
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aClosingEndSaysWhyAndThenNothing(transport: TransportUnderTest) async throws {
        let reason = PeerError(code: .busy, message: "try later")
        try await transport.withPair { connection in
            guard case .peerError(let error)? = try await connection.nextMessage()?.message else {
                Issue.record("the reason did not arrive")
                return
            }
            #expect(error == reason)
            #expect(try await connection.nextMessage() == nil)
            let sendError = await #expect(throws: TransportError.self) {
                try await connection.send(try Samples.decline("too late"))
            }
            #expect(sendError?.code == .closedByPeer)
            #expect(sendError?.peerError == reason)
        } server: { connection in
            await connection.close(reason)
            await connection.close(nil)
            let next = try await connection.nextMessage()
            #expect(next == nil)
            await #expect(throws: TransportError(.closed, "")) {
                try await connection.send(try Samples.decline("too late"))
            }
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func aPeerThatGoesAwayEndsTransfersWithATypedError(transport: TransportUnderTest) async throws {
        try await transport.withPair { connection in
            let payload = OutgoingPayload(Samples.bytes(1_000_000))
            let header = connection.makeTransferHeader(for: payload)
            try await connection.send(try Samples.offer(header))
            let transfer = try await connection.nextTransfer()
            let reason = try await connection.nextReason()
            #expect(reason == "announced")
            withExtendedLifetime(transfer) {}
        } server: { connection in
            let transfer = try await connection.nextTransfer()
            let bytes = Task { try await transfer.collect(limit: 1_000_000) }
            let payload = OutgoingPayload(Samples.bytes(10_000_000))
            let header = connection.makeTransferHeader(for: payload)
            try await connection.send(try Samples.offer(header))
            let sent = Task { try await connection.send(payload, on: header) }
            try await connection.send(try Samples.decline("announced"))
            await #expect(throws: TransferError(.connectionLost, "")) { try await bytes.value }
            await #expect(throws: TransportError.self) { try await sent.value }
        }
    }

    @Test(arguments: TransportUnderTest.allCases)
    func oneBudgetServesManyTransfers(transport: TransportUnderTest) async throws {
        let budget = TransferBudget(byteCount: 128 << 10)
        let bytes = Samples.bytes(300_000)
        try await transport.withPair(
            serverConfiguration: ConnectionConfiguration(window: 128 << 10, budget: budget)
        ) { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await connection.offer(bytes) } }
                try await group.waitForAll()
            }
            let reason = try await connection.nextReason()
            #expect(reason == "done")
        } server: { connection in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    let transfer = try await connection.nextTransfer()
                    group.addTask { try await transfer.collect(limit: bytes.count) == bytes }
                }
                for try await isEqual in group { #expect(isEqual) }
            }
            #expect(budget.available == budget.byteCount)
            try await connection.send(try Samples.decline("done"))
            #expect(try await connection.nextMessage() == nil)
        }
    }
}
