// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Three levels a value, -s, 0 and +s, with a scale s for each tensor: TernGrad (Wen et al., NeurIPS 2017, equations 1
/// to 4, arXiv:1705.07878).
///
/// A tensor is clipped at `clip` of its standard deviations, s is the largest magnitude left, or one that all workers
/// share, and a value v becomes s·sign(v) with probability |v|/s, else 0, so that the mean is the clipped value. All
/// tensors share one stream of trits, cut into blocks. Five trits share a byte: at most 1.6 bits a value and 4 bytes a
/// tensor. Where that is smaller, a block is entropy-coded, or says where its few trits are that are not 0. Running
/// statistics, and tensors that the specification names, travel as float32. `protocols/codecs/ternary.md` defines the
/// bytes and the random words.
public struct TernaryCodec: GradientCodec {
    /// The clip factor of the paper (section 3.2).
    public static let defaultClip = 2.5
    /// Which payloads this is about.
    static let version: UInt8 = 3
    /// The oldest version that is read: it had no runs.
    static let oldestVersion: UInt8 = 2

    /// A tensor is clipped at so many standard deviations; 0 for no clipping.
    public let clip: Double
    private let entropy: CodecSpec.Entropy
    private let spec: CodecSpec

    /// The codec with the defaults of its options.
    public init() {
        clip = Self.defaultClip
        entropy = .auto
        spec = CodecSpec(CodecID("ternary"))
    }

    /// The codec with the options `clip`, `entropy`, `dense` and `denseBelow` of a specification; others are not for
    /// it.
    ///
    /// Throws `CodecError.invalidOption` for a clip constant that is neither 0 nor in 0.1...100. Nothing is clipped
    /// below its tensor's root mean square, whatever the constant.
    public init(_ spec: CodecSpec) throws(CodecError) {
        let clip = spec.clip ?? Self.defaultClip
        guard clip == 0 || (0.1...100).contains(clip) else {
            throw CodecError(.invalidOption, "clip is \(clip), and must be 0 (no clipping) or from 0.1 to 100: set 2.5")
        }
        self.clip = clip
        entropy = spec.entropy ?? .auto
        self.spec = spec
    }

    public var id: CodecID { CodecID("ternary") }

    public var wireNumber: UInt8 { 3 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let scales = try scales(of: update)
        return try encode(update, limits: scales, scales: scales, generator: generator)
    }

    /// The payload with these scales; entries count as no larger than their tensor's limit.
    func encode(
        _ update: ParameterVector, limits: [Float], scales: [Float], generator: SeededGenerator
    ) throws(CodecError) -> [UInt8] {
        let sections = sections(update.layout)
        var payload: [UInt8] = []
        payload.reserveCapacity(maximumEncodedCount(layout: update.layout))
        PayloadHeader.append(to: &payload, wireNumber: wireNumber, version: Self.version)
        scales.withUnsafeBufferPointer { LittleEndianFloats.append($0, to: &payload) }
        var writer = TritWriter(generator: generator, entropy: entropy)
        update.values.withUnsafeBufferPointer { values in
            for segment in sections.exact {
                LittleEndianFloats.append(UnsafeBufferPointer(rebasing: values[segment]), to: &payload)
            }
            for (index, segment) in sections.coded.enumerated() {
                let tensor = UnsafeBufferPointer(rebasing: values[segment])
                writer.write(tensor, scale: scales[index], limit: limits[index], to: &payload)
            }
        }
        writer.finish(&payload)
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        TernaryReader(sections(layout), expecting: nil)
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int {
        let sections = sections(layout)
        return Self.tritsOffset(sections) + TritBlock.minimumCount(sections.codedCount)
    }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        let sections = sections(layout)
        return Self.tritsOffset(sections) + TritBlock.maximumCount(sections.codedCount)
    }

    /// Which tensors are sent as trits, and which exactly.
    public func sections(_ layout: ModelLayout) -> UpdateSections { UpdateSections(layout, spec) }

    /// Where the blocks of trits start.
    private static func tritsOffset(_ sections: UpdateSections) -> Int {
        PayloadHeader.count + 4 * sections.coded.count + 4 * sections.exactCount
    }
}
