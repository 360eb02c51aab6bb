// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The values of a block of kept entries.
enum SparseValues {
    /// Reads `count` values; signs become 1 and -1.
    ///
    /// Throws `CodecError.nonFiniteValue`, or `.invalidPadding` where the bits after the last sign are not 0.
    static func read(
        _ part: UnsafeRawBufferPointer, _ values: SparseFormat.Values, count: Int
    ) throws(CodecError) -> [Float] {
        switch values {
        case .none: return []
        case .signs:
            guard count % 8 == 0 || part[part.count - 1] >> UInt8(count % 8) == 0 else {
                throw CodecError(.invalidPadding, "the padding after the last sign is not zero")
            }
            return [Float](unsafeUninitializedCapacity: count) { signs, initialized in
                for index in 0..<count {
                    let bit = UInt32(part[index / 8] >> UInt8(index % 8)) & 1
                    signs[index] = Float(bitPattern: Float(1).bitPattern | bit << 31)
                }
                initialized = count
            }
        case .float32:
            let values = [Float](unsafeUninitializedCapacity: count) { values, initialized in
                LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: values[..<count]), from: part, at: 0)
                initialized = count
            }
            try FiniteCheck.check(values)
            return values
        case .float16:
            let halves = (0..<count).map { UInt16(part[2 * $0]) | UInt16(part[2 * $0 + 1]) << 8 }
            guard fed_half_largest(halves, count) < 0x7C00 else { throw FiniteCheck.error }
            return [Float](unsafeUninitializedCapacity: count) { values, initialized in
                fed_half_decode(values.baseAddress, halves, count)
                initialized = count
            }
        }
    }
}
