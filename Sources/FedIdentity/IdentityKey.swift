// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import SwiftASN1
package import X509

/// A P-256 private key: the authority's, the coordinator's or a worker's.
///
/// Its description shows nothing of the key.
public struct IdentityKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let x509: Certificate.PrivateKey
    /// PKCS #8 in PEM form: the secret itself, for a file or a TLS library.
    public let pem: String

    /// A new key from the system's randomness.
    public init() {
        let key = P256.Signing.PrivateKey()
        x509 = Certificate.PrivateKey(key)
        pem = key.pemRepresentation + "\n"
    }

    /// Reads a P-256 key in PEM form, or throws `IdentityError.invalidCertificate`.
    public init(pem: String) throws(IdentityError) {
        let key = try IdentityError.wrapping(.invalidCertificate, "this is not a P-256 private key in PEM form") {
            do {
                return try P256.Signing.PrivateKey(pemRepresentation: pem)
            } catch {
                // The library's error is dropped: it may quote what it could not read.
                throw IdentityError(.invalidCertificate, "this is not a P-256 private key in PEM form")
            }
        }
        x509 = Certificate.PrivateKey(key)
        self.pem = pem
    }

    /// A PKCS #10 signing request in DER form, with an empty subject: the authority decides about names.
    public func signingRequest() throws(IdentityError) -> [UInt8] {
        try IdentityError.wrapping(.invalidRequest, "the signing request could not be made") {
            let request = try CertificateSigningRequest(
                version: .v1, subject: DistinguishedName(), privateKey: x509,
                attributes: CertificateSigningRequest.Attributes())
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return serializer.serializedBytes
        }
    }

    public var description: String { "IdentityKey(P-256)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
