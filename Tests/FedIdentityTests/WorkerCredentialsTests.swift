// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing

@Suite struct WorkerCredentialsTests {
    let fixture: IdentityFixture
    let credentials: WorkerCredentials
    let place: TemporaryDirectory
    let directory: String

    init() throws {
        fixture = try IdentityFixture()
        credentials = try WorkerCredentials(
            key: fixture.workerKey, certificate: fixture.worker, authority: fixture.authority.certificate,
            coordinator: ServiceAddress("[::1]:7070"))
        place = try TemporaryDirectory()
        directory = place.path + "/state"
    }

    @Test func savesPrivatelyAndLoads() throws {
        #expect(!WorkerCredentials.exist(in: directory))
        for _ in 0..<2 { try credentials.save(to: directory) }
        #expect(WorkerCredentials.exist(in: directory))
        #expect(TemporaryDirectory.mode(directory) == 0o700)
        #expect(TemporaryDirectory.mode(directory + "/worker.key") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 4)
        let loaded = try WorkerCredentials(directory: directory)
        #expect(loaded.worker.rawValue == "alice")
        #expect(loaded.key.pem == credentials.key.pem)
        #expect(loaded.certificate == credentials.certificate)
        #expect(loaded.authority == credentials.authority)
        #expect(loaded.coordinator == credentials.coordinator)
    }

    @Test(arguments: ["worker.key", "worker.pem", "ca.pem", "coordinator"])
    func namesTheFileThatIsMissingOrDamaged(_ name: String) throws {
        try credentials.save(to: directory)
        try TemporaryDirectory.write("nonsense", to: "\(directory)/\(name)")
        let damaged = #expect(throws: IdentityError(.corruptFile, "")) { try WorkerCredentials(directory: directory) }
        #expect(damaged?.message.contains(name) == true)
        try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        #expect(throws: IdentityError(.missingFile, "")) { try WorkerCredentials(directory: directory) }
    }

    @Test func refusesPartsThatDoNotBelongTogether() throws {
        let other = try IdentityFixture()
        func make(_ key: IdentityKey, _ certificate: IdentityCertificate, _ authority: IdentityCertificate) throws {
            _ = try WorkerCredentials(
                key: key, certificate: certificate, authority: authority, coordinator: credentials.coordinator)
        }
        #expect(throws: IdentityError(.untrusted, "")) {
            try make(other.workerKey, fixture.worker, fixture.authority.certificate)
        }
        #expect(throws: IdentityError(.untrusted, "")) {
            try make(fixture.workerKey, fixture.worker, other.authority.certificate)
        }
        #expect(throws: IdentityError(.wrongPurpose, "")) {
            try make(fixture.coordinatorKey, fixture.coordinator, fixture.authority.certificate)
        }
        try credentials.save(to: directory)
        try TemporaryDirectory.write(other.authority.certificate.pem, to: directory + "/ca.pem")
        #expect(throws: IdentityError(.corruptFile, "")) { try WorkerCredentials(directory: directory) }
    }

    @Test func saysWhenItCannotWrite() throws {
        try TemporaryDirectory.write("a file", to: directory)
        #expect(throws: IdentityError(.unwritableFile, "")) { try credentials.save(to: directory) }
    }
}
