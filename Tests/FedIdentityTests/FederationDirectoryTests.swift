// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing

@Suite struct FederationDirectoryTests {
    let now = IdentityFixture.now

    @Test func createsPrivatelyAndOpens() throws {
        let place = try TemporaryDirectory()
        let made = try FederationDirectory.create(place.path + "/federation/", hosts: ["localhost"], now: now)
        let directory = try FederationDirectory.open(place.path + "/federation")
        #expect(made == directory)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["federation"])
        for folder in ["", "/authority", "/coordinator", "/tokens", "/enrolled", "/runs"] {
            #expect(TemporaryDirectory.mode(directory.path + folder) == 0o700)
        }
        for file in [directory.authority + "/ca.key", directory.coordinatorKey, directory.revoked] {
            #expect(TemporaryDirectory.mode(file) == 0o600)
        }
        let credentials = try directory.coordinatorCredentials()
        #expect(credentials.certificate.isSigned(by: credentials.authority))
        #expect(credentials.chainPEM.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
        #expect(try directory.run(RunID("r1")) == directory.path + "/runs/r1")
    }

    @Test func refusesToOverwrite() throws {
        let place = try TemporaryDirectory()
        let path = place.path + "/federation"
        let directory = try FederationDirectory.create(path, hosts: ["localhost"], now: now)
        let before = try directory.coordinatorCredentials().authority
        let error = #expect(throws: IdentityError(.alreadyExists, "")) {
            try FederationDirectory.create(path, hosts: ["localhost"], now: now)
        }
        #expect(error?.message.contains("already holds a federation") == true)
        #expect(try directory.coordinatorCredentials().authority == before)
        #expect(throws: IdentityError(.alreadyExists, "")) {
            try FederationDirectory.create(place.path, hosts: ["localhost"], now: now)
        }
    }

    @Test func aFailedCreationLeavesNothing() throws {
        let place = try TemporaryDirectory()
        #expect(throws: IdentityError(.invalidAddress, "")) {
            try FederationDirectory.create(place.path + "/federation", hosts: ["bad host"], now: now)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    }

    @Test func saysWhatIsNoFederation() throws {
        let place = try TemporaryDirectory()
        let error = #expect(throws: IdentityError(.notAFederation, "")) { try FederationDirectory.open(place.path) }
        #expect(error?.message.contains("fedcoord init") == true)
    }

    @Test func reissuesTheCoordinator() throws {
        let place = try TemporaryDirectory()
        let directory = try FederationDirectory.create(place.path + "/f", hosts: ["localhost"], now: now)
        let before = try directory.coordinatorCredentials()
        try directory.issueCoordinator(hosts: ["10.0.0.1"], now: now)
        let after = try directory.coordinatorCredentials()
        #expect(after.authority == before.authority)
        #expect(after.certificate != before.certificate)
        #expect(after.key.pem != before.key.pem)
    }
}
