// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWire
import Testing

@Suite struct ProtocolVersionRangeTests {
    @Test(
        arguments: [(1...1, 1...1, 1), (1...3, 2...5, 3), (2...5, 1...3, 3), (1...2, 3...4, nil), (3...4, 1...2, nil)]
            as [(ClosedRange<Int>, ClosedRange<Int>, Int?)])
    func theHighestCommonVersionIsSpoken(ours: ClosedRange<Int>, theirs: ClosedRange<Int>, version: Int?) {
        #expect(ProtocolVersionRange(ours).highestCommon(with: ProtocolVersionRange(theirs)) == version)
    }

    @Test func noCommonVersionNamesBothRanges() {
        let error = #expect(throws: PeerError.self) {
            try ProtocolVersionRange(1...1).negotiated(with: ProtocolVersionRange(2...4))
        }
        #expect(error?.code == .version)
        #expect(error?.message.contains("version 1, the peer 2 to 4") == true)
        #expect(error?.isPassing == false)
    }
}
