// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation
internal import SwiftASN1
@_spi(FixedExpiryValidationTime) internal import X509

/// Verifies the coordinator before a worker trusts it with a join token's secret.
///
/// A worker that enrols has no authority yet, only the fingerprint in its token: the server must present its
/// certificate and the authority's, and the latter must have that fingerprint.
public struct ServerVerifier: Sendable {
    /// SHA-256 of the authority's certificate, out of the token.
    public let authority: CertificateFingerprint
    /// The name or IP address that the worker called.
    public let host: String

    /// A verifier for one server.
    public init(authority: CertificateFingerprint, host: String) {
        self.authority = authority
        self.host = host
    }

    /// Verifies a presented chain (DER, leaf first, authority last) and returns the authority's certificate.
    ///
    /// Throws `IdentityError.invalidCertificate` for a chain of other than 2 to 8 readable certificates; `.untrusted`
    /// when the last one is not the expected authority or did not sign the leaf; `.outsideValidity`; `.wrongPurpose`
    /// when the leaf is not a server's; `.wrongHost`.
    public func verify(chain: [[UInt8]], now: Date) async throws(IdentityError) -> IdentityCertificate {
        guard (2...8).contains(chain.count), let leafDER = chain.first, let rootDER = chain.last else {
            throw IdentityError(
                .invalidCertificate, "the server must present its certificate and the authority's, not \(chain.count)")
        }
        guard CertificateFingerprint(ofDER: rootDER) == authority else {
            throw IdentityError(
                .untrusted,
                "the server belongs to another federation than the token: check the address, or ask for a new token")
        }
        let leaf = try IdentityCertificate(der: leafDER)
        let root = try IdentityCertificate(der: rootDER)
        var intermediates: [Certificate] = []
        for der in chain.dropFirst().dropLast() { intermediates.append(try IdentityCertificate(der: der).x509) }
        for certificate in [leaf, root] {
            guard certificate.notValidBefore <= now, now <= certificate.notValidAfter else {
                throw IdentityError(
                    .outsideValidity,
                    "the server's certificate is valid from \(certificate.notValidBefore) to "
                        + "\(certificate.notValidAfter): check the clock, or issue a new one with 'fedcoord init'")
            }
        }
        guard Self.isServer(leaf.x509) else {
            throw IdentityError(.wrongPurpose, "the certificate presented is not a coordinator's")
        }
        var trust = Verifier(rootCertificates: CertificateStore([root.x509])) {
            RFC5280Policy(fixedExpiryValidationTime: now)
        }
        guard
            case .validCertificate = await trust.validate(
                leaf: leaf.x509, intermediates: CertificateStore(intermediates))
        else {
            throw IdentityError(.untrusted, "the server's certificate was not signed by the federation's authority")
        }
        let isAddress = ServiceAddress.addressBytes(host) != nil
        var identity = Verifier(rootCertificates: CertificateStore([root.x509])) {
            RFC5280Policy(fixedExpiryValidationTime: now)
            ServerIdentityPolicy(serverHostname: isAddress ? nil : host, serverIP: isAddress ? host : nil)
        }
        guard
            case .validCertificate = await identity.validate(
                leaf: leaf.x509, intermediates: CertificateStore(intermediates))
        else {
            throw IdentityError(
                .wrongHost,
                "the coordinator's certificate is not for \(host): add the host to the coordinator's certificate")
        }
        return root
    }

    private static func isServer(_ certificate: Certificate) -> Bool {
        guard let usages = try? certificate.extensions.extendedKeyUsage else { return false }
        return usages.contains(.serverAuth)
    }
}
