// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// Turns a join token's secret and a signing request into a worker's certificate.
public struct EnrolmentAuthority: Sendable {
    private let directory: FederationDirectory
    private let authority: CertificateAuthority
    private let ledger: TokenLedger
    private let revocations: RevocationList
    private let workerLifetime: TimeInterval

    /// Loads a federation's authority; workers' certificates will be valid for `workerLifetime` seconds.
    ///
    /// Throws what `CertificateAuthority.init(directory:)` throws.
    public init(
        directory: FederationDirectory, workerLifetime: TimeInterval = CertificateAuthority.defaultWorkerLifetime
    ) throws(IdentityError) {
        self.directory = directory
        authority = try CertificateAuthority(directory: directory.authority)
        ledger = TokenLedger(directory: directory.tokens)
        revocations = RevocationList(file: directory.revoked)
        self.workerLifetime = workerLifetime
    }

    /// The authority's certificate: what a worker keeps to check the coordinator against.
    public var authorityCertificate: IdentityCertificate { authority.certificate }

    /// Makes a token for a worker, to be handed over once.
    ///
    /// `lifetime` in seconds. Throws `IdentityError.revoked` for a revoked worker: take it off the list first; and what
    /// `TokenLedger.create` throws.
    public func makeToken(
        for worker: WorkerID, enrolment: ServiceAddress, coordinator: ServiceAddress, lifetime: TimeInterval, now: Date
    ) throws(IdentityError) -> JoinToken {
        try refuseRevoked(worker)
        return JoinToken(
            enrolment: enrolment, coordinator: coordinator, authority: authority.certificate.fingerprint,
            secret: try ledger.create(worker, lifetime: lifetime, now: now))
    }

    /// Spends a token and signs the request (PKCS #10, DER) of the worker it was made for.
    ///
    /// The request and the revocation list are checked first, so that a bad request costs no token. The certificate is
    /// recorded as `enrolled/<name>.pem` before it is returned. Throws `IdentityError.invalidRequest`, `.unknownToken`,
    /// `.usedToken`, `.expiredToken`, `.revoked`, `.unusableRevocationList` or a file error.
    public func enrol(
        secret: JoinSecret, request: [UInt8], now: Date
    ) throws(IdentityError) -> (worker: WorkerID, certificate: IdentityCertificate) {
        _ = try CertificateAuthority.publicKey(of: request)
        try refuseRevoked(try ledger.worker(for: secret, now: now))
        let worker = try ledger.redeem(secret, now: now)
        let certificate = try authority.signWorker(worker, request: request, now: now, lifetime: workerLifetime)
        try PrivateFiles.makeDirectory(directory.enrolled)
        try PrivateFiles.write(Array(certificate.pem.utf8), to: directory.enrolledCertificate(worker), mode: 0o644)
        return (worker, certificate)
    }

    /// The workers that have enrolled and their latest certificates, ordered by name.
    ///
    /// Throws `IdentityError.corruptFile` naming the first damaged file.
    public func enrolledWorkers() throws(IdentityError) -> [(worker: WorkerID, certificate: IdentityCertificate)] {
        var workers: [(worker: WorkerID, certificate: IdentityCertificate)] = []
        for name in try PrivateFiles.list(directory.enrolled) where name.hasSuffix(".pem") {
            let certificate = try KeyPairFiles.readCertificate("\(directory.enrolled)/\(name)")
            workers.append((try PeerIdentity(certificate).worker, certificate))
        }
        return workers.sorted { $0.worker < $1.worker }
    }

    /// Whether any worker has ever enrolled.
    public func hasEnrolledAnyone() throws(IdentityError) -> Bool {
        try PrivateFiles.list(directory.enrolled).contains { $0.hasSuffix(".pem") }
    }

    private func refuseRevoked(_ worker: WorkerID) throws(IdentityError) {
        guard try !revocations.contains(worker) else {
            throw IdentityError(
                .revoked, "\(worker) has been revoked: take its line out of \(directory.revoked) to enrol it again")
        }
    }
}
