// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Takes a piece of an update; what it throws ends the reading.
public typealias UpdatePieceHandler = (UpdatePiece) throws(CodecError) -> Void

/// Reads a payload part by part, as `UpdateDecoder` hands them over.
///
/// A reader trusts nothing but layout and options. It must throw, and neither trap nor read past the end of a part, for any
/// bytes that are not a payload of that layout. What it hands on is finite and lies within the layout, and depends on the
/// payload only, not on how it was cut while it travelled.
public protocol PayloadReader {
    /// How many bytes the next part has, above 0; 0 when the payload is complete.
    ///
    /// At most 1 MiB, or some bytes for each tensor, so that what waits for the rest of a part is bounded.
    var nextPartCount: Int { get }

    /// Reads a part of `nextPartCount` bytes and hands on what it stands for; throws `CodecError`.
    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError)
}
