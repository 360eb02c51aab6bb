// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import NIOCore

/// Bytes to be sent to any number of peers, held once and hashed once.
public struct OutgoingPayload: Sendable {
    /// How many bytes.
    public var byteCount: Int { bytes.count }
    /// Their SHA-256: 32 bytes.
    public let sha256: [UInt8]

    private let bytes: [UInt8]

    /// Keeps `bytes`, at most 2^32 - 1, without a copy, and computes their digest.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count < Int(UInt32.max), "a payload has less than 4 GiB")
        sha256 = bytes.withUnsafeBytes { [UInt8](SHA256.hash(data: $0)) }
        self.bytes = bytes
    }

    /// A copy of some of the bytes, which are few beside the payload.
    func slice(_ range: Range<Int>) -> ByteBuffer { ByteBuffer(bytes: bytes[range]) }
}
