// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Announces bytes that follow in DATA frames: all of a whole, or those behind an offset.
public struct TransferHeader: Hashable, Sendable {
    /// The sender's own stream: odd for a client, even for a server, used once in a connection.
    public let stream: UInt32
    /// The length of the whole; 0 to 2^40.
    public let byteCount: Int
    /// SHA-256 of the whole: 32 bytes.
    public let sha256: [UInt8]
    /// As many bytes from the beginning are not sent, since the receiver has said that it holds them; 0 to `byteCount`.
    public let offset: Int

    /// Exactly as many bytes follow.
    public var remainingCount: Int { byteCount - offset }

    /// Throws `WireError.invalidField` for stream 0, a count or an offset out of range, or a digest that is not 32 bytes
    /// long.
    public init(stream: UInt32, byteCount: Int, sha256: [UInt8], offset: Int = 0) throws(WireError) {
        guard stream > 0 else { throw WireError(.invalidField, "a transfer cannot be on stream 0") }
        guard (0...FrameLimits.transferBytes).contains(byteCount) else {
            throw WireError(.invalidField, "a transfer has 0 to \(FrameLimits.transferBytes) bytes")
        }
        guard (0...byteCount).contains(offset) else {
            throw WireError(.invalidField, "a transfer cannot go on behind its end")
        }
        guard sha256.count == 32 else { throw WireError(.invalidField, "a SHA-256 digest has 32 bytes") }
        self.stream = stream
        self.byteCount = byteCount
        self.sha256 = sha256
        self.offset = offset
    }
}
