// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Announces bytes that follow in DATA frames.
public struct TransferHeader: Hashable, Sendable {
    /// The sender's own stream: odd for a client, even for a server, used once in a connection.
    public let stream: UInt32
    /// Exactly as many bytes follow; 0 to 2^40.
    public let byteCount: Int
    /// SHA-256 of the bytes: 32 bytes.
    public let sha256: [UInt8]

    /// Throws `WireError.invalidField` for stream 0, a count out of range, or a digest that is not 32 bytes long.
    public init(stream: UInt32, byteCount: Int, sha256: [UInt8]) throws(WireError) {
        guard stream > 0 else { throw WireError(.invalidField, "a transfer cannot be on stream 0") }
        guard (0...FrameLimits.transferBytes).contains(byteCount) else {
            throw WireError(.invalidField, "a transfer has 0 to \(FrameLimits.transferBytes) bytes")
        }
        guard sha256.count == 32 else { throw WireError(.invalidField, "a SHA-256 digest has 32 bytes") }
        self.stream = stream
        self.byteCount = byteCount
        self.sha256 = sha256
    }
}
