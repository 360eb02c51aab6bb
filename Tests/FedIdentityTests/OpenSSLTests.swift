// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedIdentity
import Foundation
import Testing

private enum OpenSSLCommand {
    static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
}

/// The same certificates, judged by the openssl command where there is one.
@Suite(.enabled(if: OpenSSLCommand.path != nil))
struct OpenSSLTests {
    @Test(arguments: [
        ("sslserver", true, true), ("sslclient", true, false), ("sslserver", false, false), ("sslclient", false, true),
    ])
    func agreesAboutPurposes(_ purpose: String, _ isCoordinator: Bool, _ isGood: Bool) throws {
        #expect(try verify(isCoordinator: isCoordinator, arguments: ["-purpose", purpose]) == isGood)
    }

    @Test(arguments: [
        ("-verify_hostname", "localhost", true), ("-verify_ip", "10.1.2.3", true),
        ("-verify_ip", "2001:db8::7", true), ("-verify_hostname", "example", false), ("-verify_ip", "10.1.2.4", false),
    ])
    func agreesAboutHosts(_ option: String, _ host: String, _ isGood: Bool) throws {
        #expect(try verify(isCoordinator: true, arguments: [option, host]) == isGood)
    }

    private func verify(isCoordinator: Bool, arguments: [String]) throws -> Bool {
        let fixture = try IdentityFixture()
        let directory = try TemporaryDirectory()
        try TemporaryDirectory.write(fixture.authority.certificate.pem, to: directory.path + "/ca.pem")
        let leaf = isCoordinator ? fixture.coordinator : fixture.worker
        try TemporaryDirectory.write(leaf.pem, to: directory.path + "/leaf.pem")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(OpenSSLCommand.path))
        let moment = "\(Int(IdentityFixture.now.timeIntervalSince1970))"
        process.arguments =
            ["verify", "-x509_strict", "-attime", moment, "-CAfile", directory.path + "/ca.pem"]
            + arguments + [directory.path + "/leaf.pem"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
