// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What each codec is for, and with which options it is worth a look.
public struct CodecGuide: Sendable {
    /// A registered codec.
    public let codec: CodecID
    /// When to take it, in a few words.
    public let purpose: String
    /// Its options that are worth measuring, the defaults or what comes next to them first.
    public let variants: [CodecSpec]

    /// One for each registered codec, the exact ones first and the smallest payloads last.
    public static let all: [CodecGuide] = known.compactMap { guide in
        let variants = guide.variants.filter { (try? CodecRegistry.codec($0)) != nil }
        return variants.isEmpty ? nil : CodecGuide(codec: guide.codec, purpose: guide.purpose, variants: variants)
    }

    private static let known: [CodecGuide] = [
        guide(
            "dense-float32", "every value as it is; the reference", [{ _ in }, { $0.entropy = .auto }]),
        guide("dense-bfloat16", "half the bytes, the range of float32, 8 bits of precision"),
        guide("dense-float16", "half the bytes, 11 bits of precision, values within 65504"),
        guide(
            "uniform", "256, 16 or 4 levels a tensor, rounded at random, unbiased",
            [8, 4, 2].map { bits in { $0.bits = bits } }),
        guide(
            "ternary", "three levels a tensor, rounded at random, unbiased; the first one to try",
            [{ $0.entropy = CodecSpec.Entropy.none }, { _ in }]),
        guide("ternary-sum", "what a coordinator sends: the sum of ternary updates that share their scales"),
        guide("random-k", "entries that a seed chooses, without positions", [{ $0.density = 0.01 }]),
        guide("top-k", "the largest entries with their values; with error feedback", [{ $0.density = 0.01 }]),
        guide(
            "stc", "the largest entries, one magnitude a tensor, small ones share; with error feedback",
            [{ $0.density = 0.01 }]),
        guide(
            "sbc", "entries of one sign, one magnitude a tensor, small ones share; with error feedback",
            [0.01, 0.001].map { density in { $0.density = density } }),
    ]

    private static func guide(
        _ name: String, _ purpose: String, _ variants: [(inout CodecSpec) -> Void] = [{ _ in }]
    ) -> CodecGuide {
        let codec = CodecID(name)
        return CodecGuide(
            codec: codec, purpose: purpose,
            variants: variants.map { change in
                var spec = CodecSpec(codec)
                change(&spec)
                return spec
            })
    }
}
