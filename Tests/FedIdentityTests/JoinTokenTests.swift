// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedIdentity
import Testing

@Suite struct JoinTokenTests {
    private func token() throws -> JoinToken {
        JoinToken(
            enrolment: try ServiceAddress("coordinator.example:7071"),
            coordinator: try ServiceAddress("[2001:db8::7]:7070"),
            authority: CertificateFingerprint(ofDER: [1, 2, 3]), secret: JoinSecret())
    }

    @Test func survivesPasting() throws {
        let token = try token()
        #expect(token.text.hasPrefix("fedtoken1."))
        #expect(token.text.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) })
        let pasted = try JoinToken(text: "  \(token.text)\r\n")
        #expect(pasted.enrolment == token.enrolment)
        #expect(pasted.coordinator == token.coordinator)
        #expect(pasted.authority == token.authority)
        #expect(pasted.secret.bytes == token.secret.bytes)
    }

    @Test func showsNoSecretUnlessAsked() throws {
        let token = try token()
        var dumped = ""
        dump(token, to: &dumped)
        let shown = "\(token) \(String(reflecting: token)) \(dumped) \([token])"
        #expect(shown.contains("hidden"))
        #expect(!shown.contains(token.text.dropFirst(10).prefix(8)))
        let first = token.secret.bytes.prefix(3).map(String.init).joined(separator: ", ")
        #expect(!shown.contains(first))
    }

    @Test func noticesEveryChangedCharacter() throws {
        let text = Array(try token().text)
        for index in text.indices {
            var damaged = text
            damaged[index] = text[index] == "A" ? "B" : "A"
            #expect(throws: IdentityError(.invalidToken, ""), "character \(index)") {
                try JoinToken(text: String(damaged))
            }
        }
    }

    @Test func noticesEveryCut() throws {
        let text = try token().text
        for count in 0..<text.count {
            let error = #expect(throws: IdentityError(.invalidToken, "")) {
                try JoinToken(text: String(text.prefix(count)))
            }
            #expect(error?.description.contains(text.dropFirst(10).prefix(8)) == false)
        }
    }

    @Test(arguments: [
        "", "hello", "fedtoken2.AAAA", "fedtoken1.", "fedtoken1.====", "fedtoken1.\u{1F600}", "fedtoken1.a+b/",
    ])
    func refusesOtherTexts(_ text: String) {
        #expect(throws: IdentityError(.invalidToken, "")) { try JoinToken(text: text) }
    }

    @Test func secretsHave32RandomBytes() throws {
        #expect(JoinSecret().bytes.count == 32)
        #expect(JoinSecret().bytes != JoinSecret().bytes)
        #expect(throws: IdentityError(.invalidToken, "")) { try JoinSecret(bytes: [1]) }
    }
}
