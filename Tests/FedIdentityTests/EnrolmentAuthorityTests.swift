// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing

@Suite struct EnrolmentAuthorityTests {
    let now = IdentityFixture.now
    let place: TemporaryDirectory
    let directory: FederationDirectory
    let enrolment: EnrolmentAuthority

    init() throws {
        place = try TemporaryDirectory()
        directory = try FederationDirectory.create(place.path + "/f", hosts: ["localhost"], now: now)
        enrolment = try EnrolmentAuthority(directory: directory, workerLifetime: 3600)
    }

    private func token(_ name: String) throws -> JoinToken {
        try enrolment.makeToken(
            for: WorkerID(name), enrolment: ServiceAddress("localhost:7071"),
            coordinator: ServiceAddress("localhost:7070"), lifetime: 60, now: now)
    }

    @Test func enrolsFromTokenToCredentials() async throws {
        #expect(try !enrolment.hasEnrolledAnyone())
        let token = try JoinToken(text: token("alice").text)
        let coordinator = try directory.coordinatorCredentials()
        let authority = try await ServerVerifier(authority: token.authority, host: "localhost").verify(
            chain: [coordinator.certificate.der, coordinator.authority.der], now: now)
        #expect(authority == enrolment.authorityCertificate)

        let key = IdentityKey()
        let enrolled = try enrolment.enrol(secret: token.secret, request: key.signingRequest(), now: now)
        #expect(enrolled.worker.rawValue == "alice")
        #expect(enrolled.certificate.notValidAfter == now + 3600)
        let credentials = try WorkerCredentials(
            key: key, certificate: enrolled.certificate, authority: authority, coordinator: token.coordinator)
        #expect(credentials.worker == enrolled.worker)

        #expect(try enrolment.hasEnrolledAnyone())
        #expect(try enrolment.enrolledWorkers().map(\.certificate) == [enrolled.certificate])
        #expect(throws: IdentityError(.usedToken, "")) {
            try enrolment.enrol(secret: token.secret, request: key.signingRequest(), now: now)
        }
    }

    @Test func aBadRequestCostsNoToken() throws {
        let token = try token("alice")
        #expect(throws: IdentityError(.invalidRequest, "")) {
            try enrolment.enrol(secret: token.secret, request: [1, 2, 3], now: now)
        }
        #expect(throws: IdentityError(.expiredToken, "")) {
            try enrolment.enrol(secret: token.secret, request: IdentityKey().signingRequest(), now: now + 61)
        }
        #expect(
            try enrolment.enrol(secret: token.secret, request: IdentityKey().signingRequest(), now: now).worker.rawValue
                == "alice")
    }

    @Test func aWorkerMayEnrolAgain() throws {
        for _ in 0..<2 {
            _ = try enrolment.enrol(secret: token("alice").secret, request: IdentityKey().signingRequest(), now: now)
        }
        let last = try enrolment.enrol(secret: token("alice").secret, request: IdentityKey().signingRequest(), now: now)
        let enrolled = try enrolment.enrolledWorkers()
        #expect(enrolled.map(\.certificate) == [last.certificate])
    }

    @Test func aRevokedWorkerIsRefused() throws {
        let token = try token("alice")
        let list = RevocationList(file: directory.revoked)
        try list.revoke(WorkerID("alice"), reason: "test")
        #expect(throws: IdentityError(.revoked, "")) {
            try enrolment.enrol(secret: token.secret, request: IdentityKey().signingRequest(), now: now)
        }
        #expect(throws: IdentityError(.revoked, "")) { try self.token("alice") }
        #expect(try self.token("bob").authority == enrolment.authorityCertificate.fingerprint)
    }

    @Test func aDamagedRecordIsNamed() throws {
        try TemporaryDirectory.write("x", to: directory.enrolled + "/zoe.pem")
        let error = #expect(throws: IdentityError(.corruptFile, "")) { try enrolment.enrolledWorkers() }
        #expect(error?.message.contains("zoe.pem") == true)
    }
}
