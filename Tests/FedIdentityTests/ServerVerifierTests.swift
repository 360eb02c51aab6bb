// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing
import X509

@Suite struct ServerVerifierTests {
    let now = IdentityFixture.now
    let fixture: IdentityFixture
    let root: IdentityCertificate

    init() throws {
        fixture = try IdentityFixture()
        root = fixture.authority.certificate
    }

    private func verify(
        _ chain: [IdentityCertificate], host: String = "localhost", now: Date = IdentityFixture.now
    ) async throws -> IdentityCertificate {
        try await ServerVerifier(authority: root.fingerprint, host: host).verify(chain: chain.map(\.der), now: now)
    }

    @Test(arguments: IdentityFixture.hosts + ["COORDINATOR.example"])
    func acceptsEveryHostOfTheCertificate(_ host: String) async throws {
        #expect(try await verify([fixture.coordinator, root], host: host) == root)
    }

    @Test(arguments: ["example", "evil.coordinator.example", "127.0.0.2", "::2", "coordinator.example.org", ""])
    func refusesOtherHosts(_ host: String) async {
        await #expect(throws: IdentityError(.wrongHost, "")) {
            try await verify([fixture.coordinator, root], host: host)
        }
    }

    @Test func refusesAnotherFederation() async throws {
        let other = try IdentityFixture()
        await #expect(throws: IdentityError(.untrusted, "")) {
            try await verify([other.coordinator, other.authority.certificate])
        }
    }

    @Test func refusesALeafThatTheAuthorityDidNotSign() async throws {
        let other = try IdentityFixture()
        await #expect(throws: IdentityError(.untrusted, "")) { try await verify([other.coordinator, root]) }
        await #expect(throws: IdentityError(.untrusted, "")) {
            try await verify([other.coordinator, other.authority.certificate, root])
        }
    }

    @Test func refusesACertificateOutsideItsValidity() async throws {
        let chain = [fixture.coordinator, root]
        let begin = fixture.coordinator.notValidBefore
        let end = fixture.coordinator.notValidAfter
        #expect(try await verify(chain, now: begin) == root)
        #expect(try await verify(chain, now: end) == root)
        for moment in [begin - 1, end + 1] {
            await #expect(throws: IdentityError(.outsideValidity, "")) { try await verify(chain, now: moment) }
        }
    }

    @Test func refusesAWorkerAsAServer() async {
        await #expect(throws: IdentityError(.wrongPurpose, "")) { try await verify([fixture.worker, root]) }
        await #expect(throws: IdentityError(.wrongPurpose, "")) { try await verify([root, root]) }
    }

    @Test func refusesAWorkerAsAnAuthority() async throws {
        // A worker signs a server certificate with its own key: path length and CA flag must stop it.
        let directory = try TemporaryDirectory()
        try TemporaryDirectory.write(fixture.workerKey.pem, to: directory.path + "/ca.key")
        try TemporaryDirectory.write(fixture.worker.pem, to: directory.path + "/ca.pem")
        let forged = try CertificateAuthority(directory: directory.path).issueCoordinator(
            for: IdentityKey(), hosts: ["localhost"], now: now)
        #expect(forged.isSigned(by: fixture.worker))
        await #expect(throws: IdentityError(.untrusted, "")) { try await verify([forged, fixture.worker, root]) }
    }

    @Test func refusesChainsThatCannotBeRead() async {
        let verifier = ServerVerifier(authority: root.fingerprint, host: "localhost")
        let leaf = fixture.coordinator.der
        let chains =
            [[], [root.der], [[], root.der], [[0x30, 0x80], root.der], [leaf, [1], root.der]]
            + [Array(repeating: leaf, count: 8) + [root.der]]
        for chain in chains {
            await #expect(throws: IdentityError(.invalidCertificate, "")) {
                try await verifier.verify(chain: chain, now: now)
            }
        }
    }

    @Test func noticesEveryDamagedByteOfTheLeaf() async throws {
        let good = fixture.coordinator
        var refused = 0
        for index in good.der.indices {
            var damaged = good.der
            damaged[index] ^= 0x41
            do {
                _ = try await ServerVerifier(authority: root.fingerprint, host: "localhost").verify(
                    chain: [damaged, root.der], now: now)
                // The signature's numbers have more than one encoding; what is signed is still the same.
                let accepted = try IdentityCertificate(der: damaged)
                #expect(accepted.x509.tbsCertificateBytes == good.x509.tbsCertificateBytes, "byte \(index)")
            } catch {
                refused += 1
            }
        }
        #expect(refused >= good.der.count - 2)
    }
}
