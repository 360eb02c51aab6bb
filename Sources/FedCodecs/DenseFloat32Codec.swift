// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Every value as it is, in 32 bits: the reference that other codecs are compared with.
///
/// Bytes: the header, then each value as a little-endian float32 in layout order (`protocols/codecs/dense-float32.md`).
public struct DenseFloat32Codec: GradientCodec {
    /// The codec.
    public init() {}

    public var id: CodecID { CodecID("dense-float32") }

    public var wireNumber: UInt8 { 1 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try FiniteCheck.check(update.values)
        var payload: [UInt8] = []
        payload.reserveCapacity(maximumEncodedCount(layout: update.layout))
        PayloadHeader.append(to: &payload, wireNumber: wireNumber)
        update.values.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        Reader(values: ExactReader([0..<layout.count]))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { maximumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        PayloadHeader.count + MemoryLayout<Float>.size * layout.count
    }

    private struct Reader: PayloadReader {
        var readHeader = false
        var values: ExactReader

        var nextPartCount: Int { readHeader ? values.nextPartCount : PayloadHeader.count }

        mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
            if readHeader { return try values.read(part, emit) }
            _ = try PayloadHeader.read(part, wireNumber: 1)
            readHeader = true
        }
    }
}
