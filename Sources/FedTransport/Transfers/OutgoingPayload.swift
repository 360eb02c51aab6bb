// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import NIOCore

/// Bytes to be sent to any number of peers, held once and hashed once.
public struct OutgoingPayload: Sendable {
    /// How many bytes.
    public var byteCount: Int { buffer.readableBytes }
    /// Their SHA-256: 32 bytes.
    public let sha256: [UInt8]

    let buffer: ByteBuffer

    /// Keeps a copy of `bytes`, at most 2^32 - 1, and computes its digest.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count < Int(UInt32.max), "a payload has less than 4 GiB")
        sha256 = bytes.withUnsafeBytes { [UInt8](SHA256.hash(data: $0)) }
        buffer = ByteBuffer(bytes: bytes)
    }
}
