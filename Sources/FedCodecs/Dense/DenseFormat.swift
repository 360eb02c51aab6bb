// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// How a dense payload writes a value.
enum DenseFormat: UInt8, Sendable {
    /// IEEE 754 binary32.
    case float32 = 1
    /// IEEE 754 binary16.
    case float16 = 2
    /// The upper half of a binary32.
    case bfloat16 = 5

    /// The codec's number.
    var wireNumber: UInt8 { rawValue }

    /// Bytes a value.
    var width: Int { self == .float32 ? 4 : 2 }

    /// The smallest magnitude that would round to infinity.
    var bound: Float {
        switch self {
        case .float32: .infinity
        case .float16: 65520
        case .bfloat16: Float(bitPattern: 0x7F7F_8000)
        }
    }

    /// Throws `CodecError.nonFiniteValue` or `.valueOutOfRange` unless all values can be written.
    func check(_ values: [Float]) throws(CodecError) {
        let magnitude = values.withUnsafeBufferPointer { fed_max_magnitude($0.baseAddress, $0.count) }
        guard magnitude.isFinite else { throw FiniteCheck.error }
        guard magnitude < bound else {
            let wider =
                self == .float16 ? "dense-bfloat16, which has the range of float32, or dense-float32" : "dense-float32"
            throw CodecError(
                .valueOutOfRange, "the update holds a value that the codec's 16 bits cannot: use the codec \(wider)")
        }
    }

    /// The bytes of values that were checked, each little-endian.
    func bytes(of values: UnsafeBufferPointer<Float>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * values.count)
        guard self != .float32 else {
            LittleEndianFloats.append(values, to: &bytes)
            return bytes
        }
        let halves = [UInt16](unsafeUninitializedCapacity: values.count) { halves, initialized in
            if self == .float16 {
                fed_half_encode(halves.baseAddress, values.baseAddress, values.count)
            } else {
                fed_bfloat16_encode(halves.baseAddress, values.baseAddress, values.count)
            }
            initialized = values.count
        }
        #if _endian(little)
            halves.withUnsafeBytes { bytes.append(contentsOf: $0) }
        #else
            for half in halves { bytes.append(contentsOf: [UInt8(half & 0xFF), UInt8(half >> 8)]) }
        #endif
        return bytes
    }

    /// The values of such bytes; throws `CodecError.nonFiniteValue`.
    func values(of bytes: UnsafeRawBufferPointer) throws(CodecError) -> [Float] {
        let count = bytes.count / width
        let values = self == .float32 ? floats(bytes, count) : try halves(bytes, count)
        try FiniteCheck.check(values)
        return values
    }

    private func floats(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { values, initialized in
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: values[..<count]), from: bytes, at: 0)
            initialized = count
        }
    }

    private func halves(_ bytes: UnsafeRawBufferPointer, _ count: Int) throws(CodecError) -> [Float] {
        let halves = [UInt16](unsafeUninitializedCapacity: count) { halves, initialized in
            #if _endian(little)
                UnsafeMutableRawBufferPointer(halves).copyMemory(from: bytes)
            #else
                for index in 0..<count { halves[index] = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8 }
            #endif
            initialized = count
        }
        // The loop of binary16 is for numbers only.
        guard self != .float16 || halves.withUnsafeBufferPointer({ fed_half_largest($0.baseAddress, count) }) < 0x7C00
        else { throw FiniteCheck.error }
        return [Float](unsafeUninitializedCapacity: count) { values, initialized in
            halves.withUnsafeBufferPointer { halves in
                if self == .float16 {
                    fed_half_decode(values.baseAddress, halves.baseAddress, count)
                } else {
                    fed_bfloat16_decode(values.baseAddress, halves.baseAddress, count)
                }
            }
            initialized = count
        }
    }
}
