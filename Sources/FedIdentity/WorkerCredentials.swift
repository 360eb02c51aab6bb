// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

/// All a worker needs to be let in: its key, its certificate, the authority to check the coordinator against, and where
/// the coordinator is.
public struct WorkerCredentials: Sendable {
    /// The worker's private key.
    public let key: IdentityKey
    /// The worker's certificate.
    public let certificate: IdentityCertificate
    /// The federation's authority.
    public let authority: IdentityCertificate
    /// Where to work.
    public let coordinator: ServiceAddress
    /// The worker, as its certificate says.
    public let worker: WorkerID

    /// Checks that the parts belong together.
    ///
    /// Throws `IdentityError.untrusted` when the certificate is for another key or from another authority, and what
    /// `PeerIdentity` throws when it is not a worker's.
    public init(
        key: IdentityKey, certificate: IdentityCertificate, authority: IdentityCertificate, coordinator: ServiceAddress
    ) throws(IdentityError) {
        guard certificate.belongs(to: key) else {
            throw IdentityError(.untrusted, "the certificate is for another key: enrol again with a new token")
        }
        guard certificate.isSigned(by: authority) else {
            throw IdentityError(.untrusted, "the certificate is from another authority: enrol again with a new token")
        }
        worker = try PeerIdentity(certificate).worker
        self.key = key
        self.certificate = certificate
        self.authority = authority
        self.coordinator = coordinator
    }

    /// Whether a state directory holds credentials.
    public static func exist(in directory: String) -> Bool { PrivateFiles.exists(directory + "/worker.pem") }

    /// Reads `worker.key`, `worker.pem`, `ca.pem` and `coordinator` from a state directory.
    ///
    /// Throws `IdentityError.missingFile`, `.unreadableFile` or `.corruptFile`, naming the file.
    public init(directory: String) throws(IdentityError) {
        guard Self.exist(in: directory) else {
            throw IdentityError(
                .missingFile, "\(directory) holds no worker's credentials: run 'fedworker join' with a token first")
        }
        let (certificate, key) = try KeyPairFiles.read(
            certificate: directory + "/worker.pem", key: directory + "/worker.key", what: "the worker")
        let authority = try KeyPairFiles.readCertificate(directory + "/ca.pem")
        let text = try PrivateFiles.readText(directory + "/coordinator", limit: 4096)
        let coordinator: ServiceAddress
        do {
            coordinator = try ServiceAddress(text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch {
            throw IdentityError(
                .corruptFile, "\(directory)/coordinator must hold one line host:port", cause: error.message)
        }
        do {
            try self.init(key: key, certificate: certificate, authority: authority, coordinator: coordinator)
        } catch {
            throw IdentityError(
                .corruptFile, "the files in \(directory) do not belong together: enrol again with a new token",
                cause: error.message)
        }
    }

    /// Writes the four files into a state directory, which is made when absent; each whole or not at all.
    ///
    /// What is there is replaced; `worker.pem` comes last, so that an interrupted save counts as none. Throws
    /// `IdentityError.unwritableFile`.
    public func save(to directory: String) throws(IdentityError) {
        try PrivateFiles.makeDirectory(directory)
        let certificatePath = directory + "/worker.pem"
        guard unlink(certificatePath) == 0 || errno == ENOENT else { throw PrivateFiles.unwritable(certificatePath) }
        try PrivateFiles.write(Array(authority.pem.utf8), to: directory + "/ca.pem", mode: 0o644)
        try PrivateFiles.write(Array("\(coordinator)\n".utf8), to: directory + "/coordinator", mode: 0o644)
        try KeyPairFiles.write(certificate, key, certificate: certificatePath, key: directory + "/worker.key")
    }
}
