// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import SwiftASN1
internal import X509

/// Who a worker is, as its certificate says.
public struct PeerIdentity: Hashable, Sendable {
    /// The subject alternative name of a worker is this and its name.
    package static let uriPrefix = "fedcoord:worker:"

    /// The worker.
    public let worker: WorkerID
    /// SHA-256 of the certificate.
    public let fingerprint: CertificateFingerprint
    /// The certificate's number.
    public let serial: CertificateSerial

    /// Reads the leaf certificate (DER) that a connection presented *and TLS has verified against the authority*.
    ///
    /// Throws `IdentityError.invalidCertificate` when it cannot be read, `.wrongPurpose` unless it is for client
    /// authentication only, with one common name and one URI `fedcoord:worker:<name>` that agree.
    public init(verifiedLeaf der: [UInt8]) throws(IdentityError) {
        try self.init(IdentityCertificate(der: der))
    }

    /// As `init(verifiedLeaf:)`, for a parsed certificate.
    public init(_ certificate: IdentityCertificate) throws(IdentityError) {
        let x509 = certificate.x509
        let (usages, names) = try IdentityError.wrapping(
            .wrongPurpose, "the certificate's extensions cannot be read: it is not one of this federation's"
        ) {
            (try x509.extensions.extendedKeyUsage, try x509.extensions.subjectAlternativeNames)
        }
        guard let usages, usages.contains(.clientAuth), !usages.contains(.serverAuth) else {
            throw IdentityError(
                .wrongPurpose, "the certificate is not a worker's: enrol the worker with a token of its own")
        }
        let commonNames = x509.subject.flatMap { relative in
            relative.filter { $0.type == .RDNAttributeType.commonName }.map { String($0.value) ?? "" }
        }
        let uris = (names ?? SubjectAlternativeNames()).compactMap { name -> String? in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
        guard let commonName = commonNames.first, commonNames.count == 1, uris == [Self.uriPrefix + commonName],
            let worker = try? WorkerID(commonName)
        else {
            throw IdentityError(
                .wrongPurpose, "the certificate does not name a worker of a federation: enrol the worker again")
        }
        self.worker = worker
        fingerprint = certificate.fingerprint
        serial = certificate.serial
    }
}
