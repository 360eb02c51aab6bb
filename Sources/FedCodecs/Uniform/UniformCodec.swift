// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// Evenly spaced levels of 8, 4 or 2 bits a value, with a scale for each tensor: QSGD (Alistarh et al., NeurIPS 2017,
/// section 3.1, arXiv:1610.02132) with the largest magnitude as the norm.
///
/// A tensor's scale s is its largest magnitude; b bits hold the levels -L to L, L = 2^(b-1) - 1. A value v lies between two
/// neighbouring multiples of s/L and becomes one of them at random, so that the mean is v. All tensors share one stream of
/// levels, so that small tensors cost no padding: b bits a value and 4 bytes a tensor. Running statistics and what the
/// specification exempts travel as float32. `protocols/codecs/uniform.md` defines the bytes and the random words.
public struct UniformCodec: GradientCodec {
    /// Levels that are rounded and packed at a time: whole blocks, small enough for the first-level cache.
    static let chunk = 2560

    /// The bits of a specification that states none.
    static let defaultBits = 8

    private let spec: CodecSpec
    /// Bits a level: 8, 4 or 2.
    public let bits: Int

    /// The codec of a specification, whose `bits` are 8 unless it says otherwise; throws `CodecError.invalidOption`.
    public init(_ spec: CodecSpec) throws(CodecError) {
        bits = spec.bits ?? Self.defaultBits
        guard [8, 4, 2].contains(bits) else {
            throw CodecError(.invalidOption, "uniform has levels of 8, 4 or 2 bits, not \(bits)")
        }
        self.spec = spec
    }

    public var id: CodecID { CodecID("uniform") }

    public var wireNumber: UInt8 { 6 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        try FiniteCheck.check(update.values)
        let sections = UpdateSections(update.layout, spec)
        let scales = try UniformScales.scales(of: update.values, tensors: sections.coded)
        var payload: [UInt8] = []
        payload.reserveCapacity(payloadCount(sections))
        PayloadHeader.append(to: &payload, wireNumber: wireNumber, version: 2)
        scales.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        var writer = UniformWriter(bits: bits, words: RandomWords(generator, purpose: "uniform"))
        update.values.withUnsafeBufferPointer { values in
            for tensor in sections.exact {
                LittleEndianFloats.append(UnsafeBufferPointer(rebasing: values[tensor]), to: &payload)
            }
            for (tensor, scale) in zip(sections.coded, scales) {
                writer.write(UnsafeBufferPointer(rebasing: values[tensor]), scale: scale, to: &payload)
            }
        }
        writer.finish(&payload)
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        UniformReader(UpdateSections(layout, spec), bits: bits)
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { maximumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { payloadCount(UpdateSections(layout, spec)) }

    private func payloadCount(_ sections: UpdateSections) -> Int {
        PayloadHeader.count + 4 * sections.coded.count + 4 * sections.exactCount + (sections.codedCount * bits + 7) / 8
    }
}
