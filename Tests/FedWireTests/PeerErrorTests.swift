// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWire
import Testing

@Suite struct PeerErrorTests {
    /// All others, also those that a newer peer may send, are worth another attempt.
    @Test func onlyTheseEndAWorkerForGood() {
        let fatal = PeerError.Code.named.map(\.code).filter { !PeerError(code: $0, message: "").isPassing }
        #expect(Set(fatal) == [.version, .revoked, .notAdmitted, .replaced])
        #expect(PeerError(code: .init(rawValue: 99), message: "").isPassing)
    }
}
