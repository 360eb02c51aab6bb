// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
public import FedCore
public import Foundation

/// The join tokens of a federation, as files that hold no secret.
///
/// `tokens/<id>.json` is an open token, `tokens/used/<id>.json` a redeemed one; the id is the first 16 hexadecimal
/// digits of the SHA-256 of the secret, and the file holds the whole digest. Redeeming is one `rename`, so a token has
/// exactly one winner, also among several processes, and nothing undoes it.
///
/// A worker that is already enrolled may be given a new token: it re-enrols under the same name and gets a second
/// certificate; the first stays valid until it expires or is revoked by its serial number.
public struct TokenLedger: Sendable {
    /// The longest life of a token: 30 days, in seconds.
    public static let maximumLifetime: TimeInterval = 30 * 86_400

    let directory: String
    private var usedDirectory: String { directory + "/used" }

    /// The ledger in a directory, which is made when the first token is.
    public init(directory: String) { self.directory = directory }

    /// Makes a token for a worker and returns its secret, which is kept nowhere else.
    ///
    /// Valid from `now` for `lifetime` seconds. Throws `IdentityError.invalidLifetime` unless that is positive and at
    /// most `maximumLifetime`; `.unwritableFile`.
    public func create(
        _ worker: WorkerID, lifetime: TimeInterval, now: Date
    ) throws(IdentityError) -> JoinSecret {
        guard lifetime > 0, lifetime <= Self.maximumLifetime else {
            throw IdentityError(.invalidLifetime, "a token is valid for more than 0 seconds and at most 30 days")
        }
        try PrivateFiles.makeDirectory(usedDirectory)
        let secret = JoinSecret()
        let record = TokenRecord(
            worker: worker, secretSHA256: Hexadecimal.text(secret.digest), created: now, expires: now + lifetime)
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = [.sortedKeys]
        let bytes = try IdentityError.wrapping(.unwritableFile, "the token could not be encoded") {
            Array(try encoder.encode(record))
        }
        try PrivateFiles.write(bytes, to: path(record.id))
        return secret
    }

    /// The worker that a secret would enrol, without redeeming it; throws as `redeem` does.
    public func worker(for secret: JoinSecret, now: Date) throws(IdentityError) -> WorkerID {
        let digest = secret.digest
        let id = TokenRecord.id(of: Hexadecimal.text(digest))
        guard let record = try record(at: path(id)) else {
            throw PrivateFiles.exists(usedPath(id)) ? Self.used : Self.unknown
        }
        // Digest comparison in swift-crypto takes the same time whatever differs.
        guard let stored = Hexadecimal.bytes(record.secretSHA256), digest == stored[...] else { throw Self.unknown }
        guard now <= record.expires else {
            throw IdentityError(
                .expiredToken, "the join token has expired: ask the federation's operator for a new one")
        }
        return record.worker
    }

    /// Spends the token of a secret and returns the worker that it enrols.
    ///
    /// Throws `IdentityError.unknownToken`, `.usedToken` or `.expiredToken`; `.corruptFile` when the token's file is
    /// damaged. An expired token is not spent.
    public func redeem(_ secret: JoinSecret, now: Date) throws(IdentityError) -> WorkerID {
        let worker = try worker(for: secret, now: now)
        let id = TokenRecord.id(of: Hexadecimal.text(secret.digest))
        try PrivateFiles.makeDirectory(usedDirectory)
        guard rename(path(id), usedPath(id)) == 0 else {
            if errno == ENOENT { throw Self.used }
            throw PrivateFiles.unwritable(path(id))
        }
        try PrivateFiles.synchronizeDirectory(of: usedPath(id))
        try PrivateFiles.synchronizeDirectory(of: path(id))
        return worker
    }

    /// All tokens, ordered by when they were made; none shows its secret.
    ///
    /// Throws `IdentityError.corruptFile` naming the first damaged file.
    public func tokens() throws(IdentityError) -> [TokenRecord] {
        var tokens: [TokenRecord] = []
        for (folder, isUsed) in [(directory, false), (usedDirectory, true)] {
            for name in try PrivateFiles.list(folder) where name.hasSuffix(".json") {
                guard var record = try record(at: folder + "/" + name) else { continue }
                record.isUsed = isUsed
                tokens.append(record)
            }
        }
        return tokens.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    private func path(_ id: String) -> String { "\(directory)/\(id).json" }
    private func usedPath(_ id: String) -> String { "\(usedDirectory)/\(id).json" }

    /// Nil when the file is missing.
    private func record(at path: String) throws(IdentityError) -> TokenRecord? {
        let bytes: [UInt8]
        do {
            bytes = try PrivateFiles.read(path, limit: 1 << 16)
        } catch {
            if error.code == .missingFile { return nil }
            throw error
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        guard let record = try? decoder.decode(TokenRecord.self, from: Data(bytes)) else {
            throw IdentityError(.corruptFile, "\(path) is damaged: delete it and make a new token")
        }
        return record
    }

    private static var used: IdentityError {
        IdentityError(.usedToken, "the join token has been used: ask the federation's operator for a new one")
    }

    private static var unknown: IdentityError {
        IdentityError(.unknownToken, "this federation has no such join token: ask its operator for a new one")
    }
}
