// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The frequencies of the symbols of a block as bytes.
///
/// One below 128 is a byte, another two: its low 7 bits with 128 added, and the rest. One symbol alone has them all and
/// takes no byte.
enum FrequencyTable {
    private static let total = 1 << Int(FED_RANS_BITS)

    /// The bytes of `frequencies`, which add up to 2^15.
    static func bytes(_ frequencies: [UInt16]) -> [UInt8] {
        guard frequencies.count > 1 else { return [] }
        var bytes: [UInt8] = []
        for frequency in frequencies {
            if frequency < 128 {
                bytes.append(UInt8(frequency))
            } else {
                bytes.append(UInt8(frequency & 0x7F) | 0x80)
                bytes.append(UInt8(frequency >> 7))
            }
        }
        return bytes
    }

    /// Reads `count` frequencies from the front of `bytes` and drops what they took.
    ///
    /// Throws `CodecError.invalidBlock` for bytes that `bytes(_:)` does not make.
    static func read(_ count: Int, from bytes: inout Slice<UnsafeRawBufferPointer>) throws(CodecError) -> [UInt16] {
        guard count > 1 else { return [UInt16(total)] }
        var frequencies: [UInt16] = []
        frequencies.reserveCapacity(count)
        for _ in 0..<count {
            guard let low = bytes.popFirst() else { throw error }
            if low < 128 {
                frequencies.append(UInt16(low))
            } else {
                guard let high = bytes.popFirst(), high > 0 else { throw error }
                frequencies.append(UInt16(low & 0x7F) | UInt16(high) << 7)
            }
        }
        guard frequencies.reduce(0, { $0 + Int($1) }) == total else { throw error }
        return frequencies
    }

    private static var error: CodecError {
        CodecError(.invalidBlock, "the frequencies of a coded block do not add up, or end early")
    }
}
