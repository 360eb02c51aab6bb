// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Every value as it is, in 32 bits: the reference that other codecs are compared with.
///
/// Bytes: the header, then each value as a little-endian float32 in layout order (`protocols/codecs/dense-float32.md`).
public struct DenseFloat32Codec: GradientCodec {
    /// The codec; it has no options.
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

    public func decode(_ payload: [UInt8], layout: ModelLayout) throws(CodecError) -> ParameterVector {
        try PayloadHeader.check(payload, wireNumber: wireNumber, expected: maximumEncodedCount(layout: layout))
        let values = [Float](unsafeUninitializedCapacity: layout.count) { values, initialized in
            payload.withUnsafeBytes {
                LittleEndianFloats.read(
                    UnsafeMutableBufferPointer(rebasing: values[..<layout.count]), from: $0, at: PayloadHeader.count)
            }
            initialized = layout.count
        }
        try FiniteCheck.check(values)
        return ParameterVector.decoded(values, layout: layout)
    }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        PayloadHeader.count + MemoryLayout<Float>.size * layout.count
    }
}
