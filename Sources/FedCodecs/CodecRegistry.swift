// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// All codecs there are.
public enum CodecRegistry {
    /// A codec's name and how it is made from a specification.
    private struct Entry: Sendable {
        var name: String
        /// The options it takes, by their names in a run file; a worker's own, such as error feedback, left out.
        var options: Set<CodecSpec.CodingKeys>
        var make: @Sendable (CodecSpec) throws(CodecError) -> any GradientCodec
    }

    /// In the order of their wire numbers.
    private static let entries: [Entry] = [
        Entry(name: "dense-float32", options: [.entropy]) { (spec) throws(CodecError) in DenseFloat32Codec(spec) },
        Entry(name: "dense-float16", options: [.entropy]) { (spec) throws(CodecError) in DenseFloat16Codec(spec) },
        Entry(name: "ternary", options: [.clip, .scales, .entropy, .dense, .denseBelow]) {
            (spec) throws(CodecError) in try TernaryCodec(spec)
        },
        Entry(name: "ternary-sum", options: [.clip, .entropy, .dense, .denseBelow]) {
            (spec) throws(CodecError) in try TernarySumCodec(spec)
        },
        Entry(name: "dense-bfloat16", options: [.entropy]) { (spec) throws(CodecError) in DenseBFloat16Codec(spec) },
        Entry(name: "uniform", options: [.bits, .dense, .denseBelow]) { (spec) throws(CodecError) in
            try UniformCodec(spec)
        },
        Entry(name: "sbc", options: [.density, .entropy, .dense, .denseBelow]) { (spec) throws(CodecError) in
            try SparseBinaryCodec(spec)
        },
        Entry(name: "stc", options: [.density, .entropy, .dense, .denseBelow]) { (spec) throws(CodecError) in
            try SparseTernaryCodec(spec)
        },
        Entry(name: "top-k", options: [.density, .values, .entropy, .dense, .denseBelow]) { (spec) throws(CodecError) in
            try TopKCodec(spec)
        },
        Entry(name: "random-k", options: [.density, .values, .dense, .denseBelow]) { (spec) throws(CodecError) in
            try RandomKCodec(spec)
        },
    ]

    /// Every codec with the defaults of its options, in the order of their wire numbers.
    public static let all: [any GradientCodec] = entries.compactMap { try? $0.make(CodecSpec(CodecID($0.name))) }

    /// The registered names, in the order of `all`.
    public static let names: [String] = entries.map(\.name)

    /// The names of the options that a codec takes, as in a run file, in the order of `CodecSpec`; none for an unknown codec.
    public static func options(of id: CodecID) -> [String] {
        let options = entries.first { $0.name == id.rawValue }?.options ?? []
        return CodecSpec.CodingKeys.allCases.filter(options.contains).map(\.rawValue)
    }

    /// The codec of this name with the defaults of its options; throws `CodecError.unknownCodec`, which lists the known ones.
    public static func codec(_ id: CodecID) throws(CodecError) -> any GradientCodec {
        try codec(CodecSpec(id))
    }

    /// The codec that `spec` describes.
    ///
    /// Throws `CodecError.unknownCodec`, which lists the known ones, or `.invalidOption` for an option that the codec does not
    /// take or that is out of its range, with a sentence that says what to change.
    public static func codec(_ spec: CodecSpec) throws(CodecError) -> any GradientCodec {
        guard let entry = entries.first(where: { $0.name == spec.codec.rawValue }) else {
            throw CodecError(
                .unknownCodec,
                NearestName.unknown(
                    "codec", spec.codec.rawValue, among: names + CodecSpec.presets.map(\.name)))
        }
        for option in spec.options.sorted(by: { $0.rawValue < $1.rawValue }) where !entry.options.contains(option) {
            throw CodecError(.invalidOption, "\(spec.codec) has no option \(option.rawValue): remove it")
        }
        guard (0...1_000_000_000).contains(spec.denseBelow) else {
            throw CodecError(.invalidOption, "denseBelow must be 0 to 1000000000, not \(spec.denseBelow)")
        }
        return try entry.make(spec)
    }
}

extension CodecSpec {
    /// The options of the codec itself that are not at their defaults.
    fileprivate var options: Set<CodingKeys> {
        var options: Set<CodingKeys> = []
        if density != nil { options.insert(.density) }
        if bits != nil { options.insert(.bits) }
        if values != nil { options.insert(.values) }
        if clip != nil { options.insert(.clip) }
        if scales != nil { options.insert(.scales) }
        if entropy != nil { options.insert(.entropy) }
        if !dense.isEmpty { options.insert(.dense) }
        if denseBelow != 0 { options.insert(.denseBelow) }
        return options
    }
}
