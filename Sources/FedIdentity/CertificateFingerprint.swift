// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto

/// The SHA-256 of a certificate's DER encoding: what a join token pins.
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Hashes a certificate in DER form.
    public init(ofDER der: [UInt8]) { bytes = Array(SHA256.hash(data: der)) }

    /// Throws `IdentityError.invalidCertificate` unless there are 32 bytes.
    public init(bytes: [UInt8]) throws(IdentityError) {
        guard bytes.count == SHA256.byteCount else {
            throw IdentityError(.invalidCertificate, "a fingerprint has \(SHA256.byteCount) bytes, not \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// 64 lowercase hexadecimal digits.
    public var description: String { Hexadecimal.text(bytes) }
}
