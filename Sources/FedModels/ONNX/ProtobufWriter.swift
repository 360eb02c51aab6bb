// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Writes messages in protocol buffers' wire format, field by field.
///
/// See https://protobuf.dev/programming-guides/encoding: a field is its number and kind as a varint, then a varint, four
/// bytes, or a length and as many bytes.
struct ProtobufWriter {
    /// What was written so far.
    private(set) var bytes: [UInt8] = []

    /// A number that is not negative, as int64, uint64 or an enumeration has it.
    mutating func integer(_ field: Int, _ value: Int) {
        precondition(value >= 0, "numbers that are not negative")
        varint(field << 3)
        varint(value)
    }

    /// A 32-bit float.
    mutating func float(_ field: Int, _ value: Float) {
        varint(field << 3 | 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A text.
    mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    /// Bytes.
    mutating func data(_ field: Int, _ value: [UInt8]) {
        varint(field << 3 | 2)
        varint(value.count)
        bytes += value
    }

    /// A message inside the message.
    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        data(field, inner.bytes)
    }

    private mutating func varint(_ value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
