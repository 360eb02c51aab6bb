// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The four bytes that every payload starts with: a mark, the codec's number, the version, flags.
enum PayloadHeader {
    /// The bytes of a header.
    static let count = 4
    /// The first byte of every payload.
    static let mark: UInt8 = 0xFC
    /// The only version so far.
    static let version: UInt8 = 1

    /// Appends the header of the codec with this number.
    static func append(to payload: inout [UInt8], wireNumber: UInt8) {
        payload.append(contentsOf: [mark, wireNumber, version, 0])
    }

    /// Throws unless `payload` starts with the header of the codec with this number and has `expected` bytes.
    static func check(_ payload: [UInt8], wireNumber: UInt8, expected: Int) throws(CodecError) {
        guard payload.count >= count else {
            throw CodecError(.truncated, "the payload has \(payload.count) bytes, fewer than its header")
        }
        guard payload[0] == mark, payload[1] == wireNumber else {
            throw CodecError(.wrongFormat, "the payload is not one of this codec: encode with the assignment's codec")
        }
        guard payload[2] == version else {
            throw CodecError(
                .unsupportedVersion, "the payload has version \(payload[2]), known is \(version): upgrade this side")
        }
        guard payload[3] == 0 else {
            throw CodecError(.unknownFlags, "the payload sets flags that version \(version) does not have")
        }
        guard payload.count >= expected else {
            throw CodecError(.truncated, "the payload has \(payload.count) bytes, this model takes \(expected)")
        }
        guard payload.count == expected else {
            throw CodecError(.trailingBytes, "the payload has \(payload.count) bytes, this model takes \(expected)")
        }
    }
}
