// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import SwiftASN1
import X509

/// An authority, a coordinator and a worker that belong together.
struct IdentityFixture {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let hosts = ["coordinator.example", "localhost", "127.0.0.1", "10.1.2.3", "::1", "2001:db8::7"]

    let authority: CertificateAuthority
    let coordinatorKey = IdentityKey()
    let coordinator: IdentityCertificate
    let workerKey = IdentityKey()
    let worker: IdentityCertificate

    init(now: Date = now) throws {
        authority = try CertificateAuthority(now: now)
        coordinator = try authority.issueCoordinator(for: coordinatorKey, hosts: Self.hosts, now: now)
        worker = try authority.signWorker(WorkerID("alice"), request: workerKey.signingRequest(), now: now)
    }

    /// A certificate that the authority would never issue, signed with a key of one's own.
    static func craft(
        subjects: [String], names: [GeneralName], usages: [ExtendedKeyUsage.Usage]
    ) throws -> IdentityCertificate {
        let key = IdentityKey()
        let subject = try DistinguishedName(
            subjects.map { RelativeDistinguishedName.Attribute(type: .RDNAttributeType.commonName, utf8String: $0) })
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(7), publicKey: key.x509.publicKey,
            notValidBefore: now - 10, notValidAfter: now + 10, issuer: subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                try ExtendedKeyUsage(usages)
                SubjectAlternativeNames(names)
            },
            issuerPrivateKey: key.x509)
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return try IdentityCertificate(der: serializer.serializedBytes)
    }
}
