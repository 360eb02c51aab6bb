// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The four bytes that every payload starts with: a mark, the codec's number, the version, flags.
public enum PayloadHeader {
    /// The bytes of a header.
    public static let count = 4
    /// The first byte of every payload.
    static let mark: UInt8 = 0xFC

    /// Appends the header of the codec with this number.
    public static func append(to payload: inout [UInt8], wireNumber: UInt8, version: UInt8 = 1, flags: UInt8 = 0) {
        payload.append(contentsOf: [mark, wireNumber, version, flags])
    }

    /// The flags in a header; throws `CodecError` unless it is the header of the codec with this number, with a version from
    /// `oldest` (the same if not given) to `version`, and with no other flags than `known`.
    public static func read(
        _ header: UnsafeRawBufferPointer, wireNumber: UInt8, version: UInt8 = 1, oldest: UInt8? = nil,
        known: UInt8 = 0
    ) throws(CodecError) -> UInt8 {
        precondition(header.count == count, "a header has \(count) bytes")
        guard header[0] == mark, header[1] == wireNumber else {
            throw CodecError(.wrongFormat, "the payload is not one of this codec: encode with the assignment's codec")
        }
        guard header[2] >= oldest ?? version, header[2] <= version else {
            let side = header[2] > version ? "this side" : "the side that made it"
            throw CodecError(
                .unsupportedVersion, "the payload has version \(header[2]), known is \(version): upgrade \(side)")
        }
        guard header[3] & ~known == 0 else {
            throw CodecError(.unknownFlags, "the payload sets flags that version \(version) does not have")
        }
        return header[3]
    }
}
