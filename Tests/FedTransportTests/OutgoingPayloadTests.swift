// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTransport
import Testing

@Suite struct OutgoingPayloadTests {
    @Test func headAndValuesArriveAsOne() async throws {
        let values = (0..<200_001).map { Float($0) * 0.25 }
        let bytes: [UInt8] = [0xFC, 1, 2] + values.withUnsafeBytes { Array($0) }
        try await TransportUnderTest.inProcess.withPair { connection in
            let payload = OutgoingPayload([0xFC, 1, 2], values: values)
            #expect(payload.byteCount == bytes.count)
            #expect(payload.sha256 == OutgoingPayload(bytes).sha256)
            let header = connection.makeTransferHeader(for: payload)
            try await connection.send(try Samples.offer(header))
            try await connection.send(payload, on: header)
            #expect(try await connection.nextReason() == "seen")
        } server: { connection in
            let transfer = try await connection.nextTransfer()
            #expect(try await transfer.collect(limit: bytes.count) == bytes)
            try await connection.send(try Samples.decline("seen"))
        }
    }

    @Test func nothingIsAPayloadToo() {
        #expect(OutgoingPayload([]).byteCount == 0)
        #expect(OutgoingPayload([], values: []).sha256 == OutgoingPayload([]).sha256)
    }

    @Test func segmentsAreOnePayload() {
        let whole = OutgoingPayload([1, 2, 3, 4, 5])
        let parts = OutgoingPayload(segments: [[1, 2], [], [3], [4, 5]])
        #expect(parts.byteCount == 5 && parts.sha256 == whole.sha256)
    }
}
