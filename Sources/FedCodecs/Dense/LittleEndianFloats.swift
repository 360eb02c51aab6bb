// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Float32 values as little-endian bytes, at any alignment.
enum LittleEndianFloats {
    /// Appends four bytes for each value.
    static func append(_ values: UnsafeBufferPointer<Float>, to payload: inout [UInt8]) {
        #if _endian(little)
            payload.append(contentsOf: UnsafeRawBufferPointer(values))
        #else
            for value in values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { payload.append(contentsOf: $0) }
            }
        #endif
    }

    /// Fills `values` from the bytes at `offset`; there must be four bytes for each value.
    static func read(_ values: UnsafeMutableBufferPointer<Float>, from payload: UnsafeRawBufferPointer, at offset: Int)
    {
        precondition(
            offset >= 0 && values.count <= (payload.count - offset) / MemoryLayout<Float>.size, "enough bytes")
        guard !values.isEmpty else { return }
        #if _endian(little)
            UnsafeMutableRawBufferPointer(values).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: payload[offset..<offset + values.count * 4]))
        #else
            for index in values.indices {
                let bits = payload.loadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self)
                values[index] = Float(bitPattern: UInt32(littleEndian: bits))
            }
        #endif
    }
}
