// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Crypto
import FedTransport
import Foundation
import SwiftASN1
import X509

/// A certificate authority that lives as long as a test run.
struct TestAuthority: Sendable {
    static let federation = TestAuthority(name: "test authority")
    static let stranger = TestAuthority(name: "strange authority")

    let certificate: [UInt8]
    private let key: P256.Signing.PrivateKey
    private let name: String

    init(name: String) {
        self.name = name
        key = P256.Signing.PrivateKey()
        certificate = Self.issue(
            subject: name, publicKey: .init(key.publicKey), issuer: name, issuerKey: .init(key), isAuthority: true,
            isServer: false)
    }

    /// A client's identity.
    func client(_ name: String) -> TLSIdentity { identity(name, isServer: false) }

    /// A server's identity, for `localhost` and 127.0.0.1; it shows the authority's certificate as the last.
    func server(names: [String] = ["localhost"], isLocal: Bool = true) -> TLSIdentity {
        identity("server", isServer: true, names: names, isLocal: isLocal)
    }

    private func identity(
        _ subject: String, isServer: Bool, names: [String] = [], isLocal: Bool = false
    ) -> TLSIdentity {
        let key = P256.Signing.PrivateKey()
        let leaf = Self.issue(
            subject: subject, publicKey: .init(key.publicKey), issuer: name, issuerKey: .init(self.key),
            isAuthority: false, isServer: isServer, names: names, isLocal: isLocal)
        return TLSIdentity(
            certificateChain: isServer ? [leaf, certificate] : [leaf], privateKey: Array(key.pemRepresentation.utf8))
    }

    private static func issue(
        subject: String, publicKey: Certificate.PublicKey, issuer: String, issuerKey: Certificate.PrivateKey,
        isAuthority: Bool, isServer: Bool, names: [String] = [], isLocal: Bool = false
    ) -> [UInt8] {
        do {
            var alternatives = names.map { GeneralName.dnsName($0) }
            if isLocal { alternatives.append(.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))) }
            var extensions = Certificate.Extensions()
            if isAuthority {
                try extensions.append(
                    Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: 0), critical: true))
                try extensions.append(Certificate.Extension(KeyUsage(keyCertSign: true), critical: true))
            } else {
                try extensions.append(
                    Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true))
                try extensions.append(
                    Certificate.Extension(
                        ExtendedKeyUsage([isServer ? .serverAuth : .clientAuth]), critical: false))
                if !alternatives.isEmpty {
                    try extensions.append(
                        Certificate.Extension(SubjectAlternativeNames(alternatives), critical: false))
                }
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
                notValidBefore: Date(timeIntervalSinceNow: -3600), notValidAfter: Date(timeIntervalSinceNow: 86400),
                issuer: DistinguishedName { CommonName(issuer) }, subject: DistinguishedName { CommonName(subject) },
                signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: issuerKey)
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            return serializer.serializedBytes
        } catch { preconditionFailure("a test certificate can be made: \(error)") }
    }
}
