// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Three levels a value, -s, 0 and +s, with a scale s for each tensor: TernGrad (Wen et al., NeurIPS 2017, equations 1
/// to 4, arXiv:1705.07878).
///
/// Scales are each worker's own. A tensor is clipped at 2.5 of its standard deviations, s is the largest magnitude
/// left, and a value v becomes s·sign(v) with probability |v|/s, else 0, so that the mean is the clipped value. Five
/// trits share a byte, and all tensors share one stream of trits, so that small tensors cost no padding: 1.6 bits a
/// value and 4 bytes a tensor. Running statistics travel as float32. `protocols/codecs/ternary.md` defines the bytes
/// and the random words.
public struct TernaryCodec: GradientCodec {
    /// Trits that are rounded and packed at a time: whole blocks, small enough for the first-level cache.
    static let chunk = 2560

    /// The codec; it has no options.
    public init() {}

    public var id: CodecID { CodecID("ternary") }

    public var wireNumber: UInt8 { 3 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let sections = TernarySections(update.layout)
        let scales = try update.values.withUnsafeBufferPointer { (values) throws(CodecError) in
            try sections.scales(of: values)
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(sections.payloadCount)
        PayloadHeader.append(to: &payload, wireNumber: wireNumber)
        scales.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        update.values.withUnsafeBufferPointer { values in
            for segment in sections.exact {
                LittleEndianFloats.append(UnsafeBufferPointer(rebasing: values[segment]), to: &payload)
            }
        }
        var writer = TritWriter(generator: generator)
        update.values.withUnsafeBufferPointer { values in
            for (segment, scale) in zip(sections.ternary, scales) {
                writer.write(UnsafeBufferPointer(rebasing: values[segment]), scale: scale, to: &payload)
            }
        }
        writer.finish(&payload)
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        TernaryReader(TernarySections(layout))
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { TernarySections(layout).payloadCount }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { TernarySections(layout).payloadCount }
}
