// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What an end holds of a transfer that broke off, or of one whose bytes it has no more use for.
public struct PartialTransfer: Hashable, Sendable {
    /// SHA-256 of the whole: 32 bytes.
    public let sha256: [UInt8]
    /// As many bytes from its beginning; 0 to 2^40.
    public let byteCount: Int

    /// Throws `WireError.invalidField` for a count out of range, or a digest that is not 32 bytes long.
    public init(sha256: [UInt8], byteCount: Int) throws(WireError) {
        guard (0...FrameLimits.transferBytes).contains(byteCount) else {
            throw WireError(.invalidField, "of a transfer 0 to \(FrameLimits.transferBytes) bytes are held")
        }
        guard sha256.count == 32 else { throw WireError(.invalidField, "a SHA-256 digest has 32 bytes") }
        self.sha256 = sha256
        self.byteCount = byteCount
    }

    /// How many bytes of a whole with this digest and length need not be sent; 0 where it is another, or shorter.
    public func offset(in sha256: [UInt8], byteCount: Int) -> Int {
        sha256 == self.sha256 && self.byteCount <= byteCount ? self.byteCount : 0
    }
}
