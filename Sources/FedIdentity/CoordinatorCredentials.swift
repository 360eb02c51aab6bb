// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the coordinator shows to workers: its key, its certificate, and the authority that signed both sides.
public struct CoordinatorCredentials: Sendable {
    /// The coordinator's private key.
    public let key: IdentityKey
    /// The coordinator's certificate.
    public let certificate: IdentityCertificate
    /// The federation's authority: sent after the certificate, and what workers' certificates are checked against.
    public let authority: IdentityCertificate

    /// Throws `IdentityError.untrusted` unless the parts belong together.
    public init(
        key: IdentityKey, certificate: IdentityCertificate, authority: IdentityCertificate
    ) throws(IdentityError) {
        guard certificate.belongs(to: key), certificate.isSigned(by: authority) else {
            throw IdentityError(
                .untrusted, "the coordinator's certificate does not belong to its key or its authority")
        }
        self.key = key
        self.certificate = certificate
        self.authority = authority
    }

    /// The chain to present, in PEM form: the coordinator's certificate, then the authority's, so that an enrolling
    /// worker can compare the authority with its token.
    public var chainPEM: String { certificate.pem + authority.pem }
}
