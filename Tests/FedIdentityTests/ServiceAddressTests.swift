// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedIdentity
import Foundation
import Testing

@Suite struct ServiceAddressTests {
    @Test(arguments: [
        ("localhost:1", "localhost", 1, false), ("a-b.c_d.example:65535", "a-b.c_d.example", 65_535, false),
        ("127.0.0.1:80", "127.0.0.1", 80, true), ("[::1]:443", "::1", 443, true),
    ])
    func readsAndWrites(_ text: String, _ host: String, _ port: Int, _ isIPAddress: Bool) throws {
        let address = try ServiceAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isIPAddress == isIPAddress)
        #expect(address.description == text)
        let decoded = try JSONDecoder().decode(ServiceAddress.self, from: JSONEncoder().encode(address))
        #expect(decoded == address)
    }

    @Test(arguments: [
        "", ":", "host", "host:", ":80", "host:0", "host:65536", "host:-1", "host:x", "::1:80", "[::1]", "[host:80",
        "1.2.3:80", "256.0.0.1:80", "a..b:80", "-a:80", "a-:80", "a b:80", "ho/st:80", "host:80:", "h\u{e4}:80",
        String(repeating: "a", count: 64) + ":80", String(repeating: "a.", count: 123) + "a:80",
    ])
    func refuses(_ text: String) {
        #expect(throws: IdentityError(.invalidAddress, "")) { try ServiceAddress(text) }
    }
}
