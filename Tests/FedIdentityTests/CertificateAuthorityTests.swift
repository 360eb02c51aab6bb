// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Crypto
import FedCore
import FedIdentity
import Foundation
import SwiftASN1
import Testing
import X509

@Suite struct CertificateAuthorityTests {
    let now = IdentityFixture.now

    @Test func theAuthorityIsARootOfPathLengthZero() throws {
        let authority = try CertificateAuthority(now: now)
        let certificate = authority.certificate
        #expect(certificate.isSigned(by: certificate))
        #expect(certificate.notValidBefore == now - CertificateAuthority.clockSkew)
        #expect(certificate.notValidAfter == now + CertificateAuthority.defaultAuthorityLifetime)
        #expect(try certificate.x509.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try certificate.x509.extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
    }

    @Test func savesPrivatelyAndLoads() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.path + "/a/authority"
        let authority = try CertificateAuthority(now: now)
        try authority.save(to: folder)
        #expect(TemporaryDirectory.mode(folder) == 0o700)
        #expect(TemporaryDirectory.mode(folder + "/ca.key") == 0o600)
        #expect(TemporaryDirectory.mode(folder + "/ca.pem") == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["ca.key", "ca.pem"])

        let loaded = try CertificateAuthority(directory: folder)
        #expect(loaded.certificate == authority.certificate)
        let key = IdentityKey()
        let issued = try loaded.issueCoordinator(for: key, hosts: ["localhost"], now: now)
        #expect(issued.isSigned(by: authority.certificate))
        #expect(throws: IdentityError(.alreadyExists, "")) { try authority.save(to: folder) }
    }

    @Test func refusesFilesThatDoNotBelongTogether() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority(now: now)
        try authority.save(to: directory.path + "/one")
        try CertificateAuthority(now: now).save(to: directory.path + "/two")
        func expect(_ code: IdentityError.Code) {
            #expect(throws: IdentityError(code, "")) { try CertificateAuthority(directory: directory.path + "/one") }
        }
        let key = directory.path + "/one/ca.key"
        let other = try String(contentsOfFile: directory.path + "/two/ca.key", encoding: .utf8)
        try TemporaryDirectory.write(other, to: key)
        expect(.corruptFile)
        try TemporaryDirectory.write("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", to: key)
        expect(.corruptFile)
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: key))
        expect(.corruptFile)
        try FileManager.default.removeItem(atPath: key)
        expect(.missingFile)
        try FileManager.default.createDirectory(atPath: key, withIntermediateDirectories: false)
        expect(.unreadableFile)
    }

    @Test func theCoordinatorIsNamedByNamesAndAddresses() throws {
        let fixture = try IdentityFixture()
        let x509 = fixture.coordinator.x509
        let names = try #require(try x509.extensions.subjectAlternativeNames)
        #expect(
            Array(names) == [
                .dnsName("coordinator.example"), .dnsName("localhost"),
                .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [10, 1, 2, 3])),
                .ipAddress(ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])),
            ])
        #expect(try x509.extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth]))
        #expect(try x509.extensions.basicConstraints == .notCertificateAuthority)
    }

    @Test(arguments: [[], [""], ["a b"], ["300.1.2.3"], ["-x"], ["good", "bad host"], ["*"], ["localhost\n"]])
    func refusesHostsThatAreNone(_ hosts: [String]) throws {
        let authority = try CertificateAuthority(now: now)
        #expect(throws: IdentityError(.invalidAddress, "")) {
            try authority.issueCoordinator(for: IdentityKey(), hosts: hosts, now: now)
        }
    }

    @Test func aWorkerIsNamedByTheAuthorityOnly() throws {
        let authority = try CertificateAuthority(now: now)
        let key = IdentityKey()
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName { CommonName("admin") }, privateKey: key.x509,
            attributes: CertificateSigningRequest.Attributes())
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        let certificate = try authority.signWorker(
            WorkerID("bob"), request: serializer.serializedBytes, now: now, lifetime: 3600)
        #expect(try PeerIdentity(certificate).worker.rawValue == "bob")
        #expect(certificate.belongs(to: key))
        #expect(!"\(certificate.x509.subject)".contains("admin"))
        #expect(try certificate.x509.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
        #expect(
            try certificate.x509.extensions.subjectAlternativeNames.map { Array($0) }
                == [.uniformResourceIdentifier("fedcoord:worker:bob")])
        #expect(certificate.notValidAfter == now + 3600)
    }

    @Test func refusesRequestsThatAreNotSignedByTheirKey() throws {
        let authority = try CertificateAuthority(now: now)
        let key = IdentityKey()
        let request = try key.signingRequest()
        let bob = try WorkerID("bob")
        var accepted = 0
        for index in request.indices {
            var damaged = request
            damaged[index] ^= 1
            do throws(IdentityError) {
                let certificate = try authority.signWorker(bob, request: damaged, now: now)
                // The signature's numbers have more than one encoding; the key they prove is still the same.
                #expect(certificate.belongs(to: key), "byte \(index)")
                accepted += 1
            } catch {
                #expect(error.code == .invalidRequest, "byte \(index)")
            }
        }
        #expect(accepted <= 2)
        for bytes in [[], [0x30], [UInt8](repeating: 0x30, count: 1 << 15), Array(request.dropLast())] {
            #expect(throws: IdentityError(.invalidRequest, "")) {
                try authority.signWorker(WorkerID("bob"), request: bytes, now: now)
            }
        }
    }

    @Test func lifetimesEndWithTheAuthority() throws {
        let authority = try CertificateAuthority(now: now)
        let request = try IdentityKey().signingRequest()
        let end = authority.certificate.notValidAfter
        let long = try authority.signWorker(WorkerID("w"), request: request, now: now, lifetime: 20 * 365 * 86_400)
        #expect(long.notValidAfter == end)
        for lifetime in [0, -1, Double.nan, .infinity] {
            #expect(throws: IdentityError(.invalidLifetime, "")) {
                try authority.signWorker(WorkerID("w"), request: request, now: now, lifetime: lifetime)
            }
        }
        #expect(throws: IdentityError(.outsideValidity, "")) {
            try authority.signWorker(WorkerID("w"), request: request, now: end + 1)
        }
    }

    @Test func serialsDiffer() throws {
        let fixture = try IdentityFixture()
        let serials = [fixture.authority.certificate.serial, fixture.coordinator.serial, fixture.worker.serial]
        #expect(Set(serials).count == 3)
        for serial in serials {
            #expect(serial.bytes.count <= 16)
            #expect(try CertificateSerial(hexadecimal: serial.description.uppercased()) == serial)
        }
    }

    @Test func theKeyHides() throws {
        let key = IdentityKey()
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key) \(String(reflecting: key)) \(dumped)".contains("PRIVATE") == false)
        #expect(try IdentityKey(pem: key.pem).pem == key.pem)
        let text = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"
        let error = #expect(throws: IdentityError(.invalidCertificate, "")) { try IdentityKey(pem: text) }
        #expect(error?.description.contains("c2VjcmV0") == false)
    }
}
