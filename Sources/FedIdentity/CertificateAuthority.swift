// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation
internal import SwiftASN1
internal import X509

/// A federation's own certificate authority: the root that workers pin and that signs everyone.
///
/// P-256, path length 0. It issues two kinds of certificates: for the coordinator (server authentication, names and
/// addresses) and for workers (client authentication, the worker's name).
public struct CertificateAuthority: Sendable {
    /// Validity of an authority: ten years, in seconds.
    public static let defaultAuthorityLifetime: TimeInterval = 3652 * 86_400
    /// Validity of a worker's certificate: one year, in seconds.
    public static let defaultWorkerLifetime: TimeInterval = 365 * 86_400
    /// Certificates are valid this long before they are issued, in seconds, for clocks that are behind.
    public static let clockSkew: TimeInterval = 6 * 3600

    /// The authority's self-signed certificate.
    public let certificate: IdentityCertificate
    let key: IdentityKey

    /// A new authority, valid from `now` minus `clockSkew` for ten years.
    ///
    /// `name` is the common name that people see in tools. Throws `IdentityError.invalidCertificate` when it cannot be
    /// encoded.
    public init(name: String = "fedcoord authority", key: IdentityKey = IdentityKey(), now: Date) throws(IdentityError)
    {
        let identifier = SubjectKeyIdentifier(hash: key.x509.publicKey)
        self.key = key
        certificate = try Self.issue(
            publicKey: key.x509.publicKey, subject: name, issuer: nil, key: key, now: now,
            notAfter: now + Self.defaultAuthorityLifetime
        ) {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
            Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            identifier
        }
    }

    /// Reads `ca.pem` and `ca.key` from a directory.
    ///
    /// Throws `IdentityError.missingFile`, `.unreadableFile`, or `.corruptFile` when the two do not belong together.
    public init(directory: String) throws(IdentityError) {
        (certificate, key) = try KeyPairFiles.read(
            certificate: directory + "/ca.pem", key: directory + "/ca.key", what: "the federation's authority")
    }

    /// Writes `ca.pem` and `ca.key` (readable by the owner only) into a directory, which is made when absent.
    ///
    /// Throws `IdentityError.alreadyExists` rather than replace an authority.
    public func save(to directory: String) throws(IdentityError) {
        try PrivateFiles.makeDirectory(directory)
        guard !PrivateFiles.exists(directory + "/ca.key"), !PrivateFiles.exists(directory + "/ca.pem") else {
            throw IdentityError(
                .alreadyExists, "\(directory) already holds an authority: replacing it would lock out every worker")
        }
        try KeyPairFiles.write(certificate, key, certificate: directory + "/ca.pem", key: directory + "/ca.key")
    }

    /// Issues the coordinator's certificate for the DNS names and IP addresses by which workers reach it.
    ///
    /// Valid for `lifetime` seconds, at most as long as the authority. Throws `IdentityError.invalidAddress` for a host
    /// that is neither, or for none at all; `.invalidLifetime`.
    public func issueCoordinator(
        for key: IdentityKey, hosts: [String], now: Date,
        lifetime: TimeInterval = CertificateAuthority.defaultAuthorityLifetime
    ) throws(IdentityError) -> IdentityCertificate {
        var names: [GeneralName] = []
        for host in hosts {
            if let bytes = ServiceAddress.addressBytes(host) {
                names.append(.ipAddress(ASN1OctetString(contentBytes: bytes[...])))
            } else if ServiceAddress.isHostName(host) {
                names.append(.dnsName(host))
            } else {
                throw IdentityError(.invalidAddress, "'\(host)' is neither a DNS name nor an IP address")
            }
        }
        guard !names.isEmpty else {
            throw IdentityError(.invalidAddress, "name at least one host by which workers reach the coordinator")
        }
        return try issueLeaf(
            publicKey: key.x509.publicKey, subject: "fedcoord coordinator", names: names, usage: .serverAuth, now: now,
            lifetime: lifetime)
    }

    /// Signs a worker's request (PKCS #10, DER): for this name, whatever subject the request asks for.
    ///
    /// Only the public key is taken from the request, after its signature has shown that the worker holds the private
    /// half. Valid for `lifetime` seconds, at most as long as the authority. Throws `IdentityError.invalidRequest` or
    /// `.invalidLifetime`.
    public func signWorker(
        _ worker: WorkerID, request: [UInt8], now: Date,
        lifetime: TimeInterval = CertificateAuthority.defaultWorkerLifetime
    ) throws(IdentityError) -> IdentityCertificate {
        try issueLeaf(
            publicKey: Self.publicKey(of: request), subject: worker.rawValue,
            names: [.uniformResourceIdentifier(PeerIdentity.uriPrefix + worker.rawValue)], usage: .clientAuth, now: now,
            lifetime: lifetime)
    }

    /// The public key of a signing request whose signature is good, or `IdentityError.invalidRequest`.
    static func publicKey(of request: [UInt8]) throws(IdentityError) -> Certificate.PublicKey {
        guard request.count <= 1 << 14 else {
            throw IdentityError(.invalidRequest, "a signing request has at most 16384 bytes")
        }
        let parsed = try IdentityError.wrapping(.invalidRequest, "this is not a signing request in DER form") {
            try CertificateSigningRequest(derEncoded: request)
        }
        guard parsed.publicKey.isValidSignature(parsed.signature, for: parsed) else {
            throw IdentityError(.invalidRequest, "the signing request is not signed by the key it names")
        }
        return parsed.publicKey
    }

    private func issueLeaf(
        publicKey: Certificate.PublicKey, subject: String, names: [GeneralName], usage: ExtendedKeyUsage.Usage,
        now: Date, lifetime: TimeInterval
    ) throws(IdentityError) -> IdentityCertificate {
        guard lifetime >= 1, lifetime <= 100 * 366 * 86_400 else {
            throw IdentityError(.invalidLifetime, "a certificate is valid for 1 second to 100 years")
        }
        guard now < certificate.notValidAfter else {
            throw IdentityError(
                .outsideValidity, "the federation's authority has expired: make a new federation with 'fedcoord init'")
        }
        let usages = try IdentityError.wrapping(.invalidCertificate, "the key usage could not be encoded") {
            try ExtendedKeyUsage([usage])
        }
        let authorityIdentifier = SubjectKeyIdentifier(hash: key.x509.publicKey).keyIdentifier
        return try Self.issue(
            publicKey: publicKey, subject: subject, issuer: certificate.x509.subject, key: key, now: now,
            notAfter: min(now + lifetime, certificate.notValidAfter)
        ) {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            usages
            SubjectAlternativeNames(names)
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: authorityIdentifier)
        }
    }

    private static func issue(
        publicKey: Certificate.PublicKey, subject: String, issuer: DistinguishedName?, key: IdentityKey, now: Date,
        notAfter: Date, @ExtensionsBuilder extensions: () throws -> Result<Certificate.Extensions, any Error>
    ) throws(IdentityError) -> IdentityCertificate {
        let certificate = try IdentityError.wrapping(.invalidCertificate, "the certificate could not be made") {
            let subjectName = try DistinguishedName { CommonName(subject) }
            return try Certificate(
                version: .v3, serialNumber: serialNumber(), publicKey: publicKey, notValidBefore: now - clockSkew,
                notValidAfter: notAfter, issuer: issuer ?? subjectName, subject: subjectName,
                signatureAlgorithm: .ecdsaWithSHA256, extensions: Certificate.Extensions(builder: extensions),
                issuerPrivateKey: key.x509)
        }
        return try IdentityCertificate(certificate)
    }

    /// 127 random bits: positive and at most 20 bytes, as RFC 5280, section 4.1.2.2 asks.
    private static func serialNumber() -> Certificate.SerialNumber {
        var generator = SystemRandomNumberGenerator()
        return Certificate.SerialNumber((UInt128.random(in: .min ... .max, using: &generator) >> 1) | 1)
    }
}
