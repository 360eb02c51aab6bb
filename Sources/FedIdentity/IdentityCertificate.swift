// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation
internal import SwiftASN1
package import X509

/// An X.509 certificate, in the forms that files and TLS libraries want.
public struct IdentityCertificate: Hashable, Sendable {
    package let x509: Certificate
    /// The DER encoding.
    public let der: [UInt8]

    /// Reads a certificate in DER form, or throws `IdentityError.invalidCertificate`.
    public init(der: [UInt8]) throws(IdentityError) {
        guard der.count <= 1 << 16 else {
            throw IdentityError(.invalidCertificate, "a certificate has at most 65536 bytes")
        }
        x509 = try IdentityError.wrapping(.invalidCertificate, "this is not an X.509 certificate in DER form") {
            try Certificate(derEncoded: der)
        }
        self.der = der
    }

    /// Reads one certificate in PEM form, or throws `IdentityError.invalidCertificate`.
    public init(pem: String) throws(IdentityError) {
        let der = try IdentityError.wrapping(.invalidCertificate, "this is not a certificate in PEM form") {
            let document = try PEMDocument(pemString: pem)
            guard document.discriminator == Certificate.defaultPEMDiscriminator else {
                throw IdentityError(.invalidCertificate, "this PEM document is not a certificate")
            }
            return document.derBytes
        }
        try self.init(der: der)
    }

    init(_ x509: Certificate) throws(IdentityError) {
        self.x509 = x509
        der = try IdentityError.wrapping(.invalidCertificate, "the certificate could not be encoded") {
            var serializer = DER.Serializer()
            try serializer.serialize(x509)
            return serializer.serializedBytes
        }
    }

    /// PEM form, ending in a newline.
    public var pem: String {
        PEMDocument(type: Certificate.defaultPEMDiscriminator, derBytes: der).pemString + "\n"
    }

    /// SHA-256 of the DER encoding.
    public var fingerprint: CertificateFingerprint { CertificateFingerprint(ofDER: der) }
    /// The number its authority gave it.
    public var serial: CertificateSerial { CertificateSerial(x509.serialNumber.bytes) }
    /// The first moment of its validity.
    public var notValidBefore: Date { x509.notValidBefore }
    /// The last moment of its validity.
    public var notValidAfter: Date { x509.notValidAfter }

    /// Whether the certificate carries the public half of `key`.
    public func belongs(to key: IdentityKey) -> Bool { x509.publicKey == key.x509.publicKey }

    /// Whether `authority` signed this certificate; says nothing about dates or purposes.
    public func isSigned(by authority: IdentityCertificate) -> Bool {
        x509.issuer == authority.x509.subject && authority.x509.publicKey.isValidSignature(x509.signature, for: x509)
    }
}
