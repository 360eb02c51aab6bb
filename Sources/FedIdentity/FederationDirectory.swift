// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// Where everything of a federation lies on the coordinator's disk.
///
/// ```
/// authority/ca.pem, ca.key      the certificate authority
/// coordinator/cert.pem, key.pem the coordinator's own certificate
/// tokens/, tokens/used/         join tokens, without their secrets
/// enrolled/<name>.pem           the latest certificate of each worker
/// revoked                       who is let in no more
/// state.sqlite                  runs, rounds and workers
/// runs/<run>/                   journals and checkpoints
/// ```
public struct FederationDirectory: Hashable, Sendable {
    /// The directory itself, without a slash at its end.
    public let path: String

    private init(path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// `authority/`.
    public var authority: String { path + "/authority" }
    /// `coordinator/`.
    public var coordinator: String { path + "/coordinator" }
    /// `coordinator/cert.pem`.
    public var coordinatorCertificate: String { coordinator + "/cert.pem" }
    /// `coordinator/key.pem`.
    public var coordinatorKey: String { coordinator + "/key.pem" }
    /// `tokens/`.
    public var tokens: String { path + "/tokens" }
    /// `enrolled/`.
    public var enrolled: String { path + "/enrolled" }
    /// `revoked`.
    public var revoked: String { path + "/revoked" }
    /// `state.sqlite`.
    public var state: String { path + "/state.sqlite" }
    /// `runs/`.
    public var runs: String { path + "/runs" }

    /// `runs/<run>/`.
    public func run(_ run: RunID) -> String { "\(runs)/\(run)" }

    /// `enrolled/<name>.pem`.
    public func enrolledCertificate(_ worker: WorkerID) -> String { "\(enrolled)/\(worker).pem" }

    /// Opens a federation's directory.
    ///
    /// Throws `IdentityError.notAFederation` when it is not one.
    public static func open(_ path: String) throws(IdentityError) -> FederationDirectory {
        let directory = FederationDirectory(path: path)
        guard PrivateFiles.exists(directory.authority + "/ca.pem") else {
            throw IdentityError(
                .notAFederation, "\(path) is not a federation's directory: make one with 'fedcoord init'")
        }
        return directory
    }

    /// Makes a federation: authority, coordinator's certificate for `hosts` (names and addresses), empty list of
    /// revoked workers.
    ///
    /// Everything is made beside its place and renamed, so that an interrupted call leaves no half federation. Throws
    /// `IdentityError.alreadyExists` when the directory exists and is not empty; `.invalidAddress`; `.unwritableFile`.
    public static func create(_ path: String, hosts: [String], now: Date) throws(IdentityError) -> FederationDirectory {
        let directory = FederationDirectory(path: path)
        guard try PrivateFiles.list(directory.path).isEmpty else {
            let what = PrivateFiles.exists(directory.authority) ? "already holds a federation" : "is not empty"
            throw IdentityError(
                .alreadyExists, "\(path) \(what): choose another directory, or move that one away first")
        }
        let authority = try CertificateAuthority(now: now)
        let staging = FederationDirectory(path: "\(directory.path).\(UInt64.random(in: .min ... .max)).tmp")
        do throws(IdentityError) {
            for folder in [staging.coordinator, staging.tokens + "/used", staging.enrolled, staging.runs] {
                try PrivateFiles.makeDirectory(folder)
            }
            try authority.save(to: staging.authority)
            try RevocationList.create(file: staging.revoked)
            try staging.issueCoordinator(hosts: hosts, now: now)
            guard rename(staging.path, directory.path) == 0 else { throw PrivateFiles.unwritable(directory.path) }
        } catch {
            try? FileManager.default.removeItem(atPath: staging.path)
            throw error
        }
        try PrivateFiles.synchronizeDirectory(of: directory.path)
        return directory
    }

    /// Gives the coordinator a new key and a certificate for `hosts`, replacing those it had.
    ///
    /// Workers that pin the authority notice nothing. Throws what `CertificateAuthority.issueCoordinator` throws, and
    /// `IdentityError.unwritableFile`.
    public func issueCoordinator(hosts: [String], now: Date) throws(IdentityError) {
        let key = IdentityKey()
        let certificate = try CertificateAuthority(directory: authority).issueCoordinator(
            for: key, hosts: hosts, now: now)
        try PrivateFiles.makeDirectory(coordinator)
        try KeyPairFiles.write(certificate, key, certificate: coordinatorCertificate, key: coordinatorKey)
    }

    /// The coordinator's key and certificate, and the authority's certificate; the authority's key is not touched.
    ///
    /// Throws `IdentityError.missingFile`, `.unreadableFile` or `.corruptFile`, naming the file.
    public func coordinatorCredentials() throws(IdentityError) -> CoordinatorCredentials {
        let (certificate, key) = try KeyPairFiles.read(
            certificate: coordinatorCertificate, key: coordinatorKey, what: "the coordinator")
        let authority = try KeyPairFiles.readCertificate(authority + "/ca.pem")
        do {
            return try CoordinatorCredentials(key: key, certificate: certificate, authority: authority)
        } catch {
            throw IdentityError(
                .corruptFile,
                "\(coordinatorCertificate) is not from this federation's authority: restore it from a copy",
                cause: error.message)
        }
    }
}
