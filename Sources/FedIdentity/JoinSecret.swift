// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto

/// The 32 random bytes that entitle one worker to enrol once.
///
/// Its description shows nothing of the bytes.
public struct JoinSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many bytes a secret has.
    public static let byteCount = 32

    /// The secret itself, to be sent to the enrolment service only.
    public let bytes: [UInt8]

    /// A new secret from the system's randomness.
    public init() {
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }

    /// Throws `IdentityError.invalidToken` unless there are 32 bytes.
    public init(bytes: [UInt8]) throws(IdentityError) {
        guard bytes.count == Self.byteCount else {
            throw IdentityError(.invalidToken, "a token's secret has \(Self.byteCount) bytes, not \(bytes.count)")
        }
        self.bytes = bytes
    }

    var digest: SHA256Digest { SHA256.hash(data: bytes) }

    public var description: String { "JoinSecret(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
