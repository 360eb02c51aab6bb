// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the decoder found in a chunk of bytes.
public enum FrameEvent: Hashable, Sendable {
    /// A complete control message, still encoded.
    case control([UInt8])
    /// Bytes of a transfer: where they lie in the chunk. A DATA frame arrives in as many pieces as chunks carry it.
    case data(stream: UInt32, range: Range<Int>)
    /// All bytes of a transfer were sent.
    case end(stream: UInt32)
    /// The receiver of a transfer allows further bytes, at least 1.
    case credit(stream: UInt32, byteCount: Int)
    /// Either side gave up a transfer.
    case reset(stream: UInt32, code: ResetCode)
}
