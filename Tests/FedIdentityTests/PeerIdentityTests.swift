// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Testing
import X509

@Suite struct PeerIdentityTests {
    @Test func readsAWorker() throws {
        let fixture = try IdentityFixture()
        let identity = try PeerIdentity(verifiedLeaf: fixture.worker.der)
        #expect(identity.worker.rawValue == "alice")
        #expect(identity.fingerprint == CertificateFingerprint(ofDER: fixture.worker.der))
        #expect(identity.serial == fixture.worker.serial)
    }

    @Test func refusesTheCoordinatorAndTheAuthority() throws {
        let fixture = try IdentityFixture()
        for certificate in [fixture.coordinator, fixture.authority.certificate] {
            #expect(throws: IdentityError(.wrongPurpose, "")) { try PeerIdentity(certificate) }
        }
    }

    @Test func aCraftedWorkerWouldBeRead() throws {
        let certificate = try IdentityFixture.craft(
            subjects: ["eve"], names: [.uniformResourceIdentifier("fedcoord:worker:eve")], usages: [.clientAuth])
        #expect(try PeerIdentity(certificate).worker.rawValue == "eve")
    }

    @Test(arguments: [
        (["eve"], ["fedcoord:worker:alice"]), (["eve"], []), ([], ["fedcoord:worker:eve"]),
        (["eve", "alice"], ["fedcoord:worker:eve"]), (["eve"], ["fedcoord:worker:eve", "fedcoord:worker:alice"]),
        (["e/../ve"], ["fedcoord:worker:e/../ve"]), (["eve"], ["http:eve"]), ([""], ["fedcoord:worker:"]),
    ])
    func refusesNamesThatDoNotAgree(_ subjects: [String], _ uris: [String]) throws {
        let certificate = try IdentityFixture.craft(
            subjects: subjects, names: uris.map { .uniformResourceIdentifier($0) }, usages: [.clientAuth])
        #expect(throws: IdentityError(.wrongPurpose, "")) { try PeerIdentity(certificate) }
    }

    @Test(arguments: [[ExtendedKeyUsage.Usage.serverAuth], [.clientAuth, .serverAuth], [.any], [.codeSigning]])
    func refusesOtherPurposes(_ usages: [ExtendedKeyUsage.Usage]) throws {
        let certificate = try IdentityFixture.craft(
            subjects: ["eve"], names: [.uniformResourceIdentifier("fedcoord:worker:eve")], usages: usages)
        #expect(throws: IdentityError(.wrongPurpose, "")) { try PeerIdentity(certificate) }
    }

    @Test func neverTrapsOnBytes() throws {
        let der = try IdentityFixture().worker.der
        for count in 0..<der.count {
            #expect(throws: IdentityError(.invalidCertificate, "")) {
                try PeerIdentity(verifiedLeaf: Array(der.prefix(count)))
            }
        }
        for index in der.indices {
            var damaged = der
            damaged[index] ^= 0xFF
            // Whatever comes of it, it is the worker's name or an error.
            if let identity = try? PeerIdentity(verifiedLeaf: damaged) { #expect(identity.worker.rawValue.count == 5) }
        }
    }
}
