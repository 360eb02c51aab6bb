// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// What is kept of a join token: everything but its secret.
public struct TokenRecord: Hashable, Codable, Sendable {
    /// The worker that it enrols.
    public var worker: WorkerID
    /// SHA-256 of the secret, 64 lowercase hexadecimal digits.
    public var secretSHA256: String
    /// When it was made.
    public var created: Date
    /// The last moment at which it can be redeemed.
    public var expires: Date
    /// Whether it has been redeemed; says the folder, not the file.
    public internal(set) var isUsed = false

    enum CodingKeys: String, CodingKey {
        case worker, secretSHA256, created, expires
    }

    init(worker: WorkerID, secretSHA256: String, created: Date, expires: Date) {
        self.worker = worker
        self.secretSHA256 = secretSHA256
        self.created = created
        self.expires = expires
    }

    /// The first 16 digits of `secretSHA256`: the name of the token's file.
    public var id: String { Self.id(of: secretSHA256) }

    static func id(of digest: String) -> String { String(digest.prefix(16)) }
}
