// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore

/// What an input's first bytes choose from; only ever appended to, so that stored inputs keep their meaning.
enum FuzzCases {
    /// Options that change the bytes, and every other registered codec with its defaults.
    static let specs: [CodecSpec] = {
        let missing = CodecRegistry.names.filter { name in !listed.contains { $0.codec.rawValue == name } }
        return listed + missing.map { CodecSpec(CodecID($0)) }
    }()

    private static let listed: [CodecSpec] = [
        CodecSpec(CodecID("dense-float32")),
        CodecSpec(CodecID("dense-float16")),
        CodecSpec(CodecID("dense-bfloat16")),
        CodecSpec(CodecID("dense-float32"), entropy: .auto),
        CodecSpec(CodecID("dense-float16"), entropy: .auto),
        CodecSpec(CodecID("dense-bfloat16"), entropy: .auto),
        CodecSpec(CodecID("ternary")),
        CodecSpec(CodecID("uniform")),
        CodecSpec(CodecID("uniform"), bits: 4),
        CodecSpec(CodecID("uniform"), bits: 2),
        CodecSpec(CodecID("uniform"), bits: 2, dense: [.bias], denseBelow: 4),
        CodecSpec(CodecID("sbc"), density: 0.05),
        CodecSpec(CodecID("stc"), density: 0.4),
        CodecSpec(CodecID("top-k"), density: 0.3, values: .float16),
        CodecSpec(CodecID("random-k"), density: 0.6, values: .float16),
        CodecSpec(CodecID("ternary"), entropy: CodecSpec.Entropy.none),
        CodecSpec(CodecID("ternary"), clip: 3, dense: [.lastLayer, .norm], denseBelow: 8),
        CodecSpec(CodecID("ternary-sum")),
        CodecSpec(CodecID("ternary-sum"), entropy: CodecSpec.Entropy.none),
        CodecSpec(CodecID("ternary-sum"), dense: [.bias], denseBelow: 8),
        CodecSpec(CodecID("sbc")),
        CodecSpec(CodecID("sbc"), density: 1),
        CodecSpec(CodecID("sbc"), density: 0.001, entropy: CodecSpec.Entropy.none),
        CodecSpec(CodecID("sbc"), density: 0.25),
        CodecSpec(CodecID("stc")),
        CodecSpec(CodecID("stc"), density: 0.25),
        CodecSpec(CodecID("top-k")),
        CodecSpec(CodecID("top-k"), density: 0.25),
        CodecSpec(CodecID("top-k"), density: 0.1, values: .float16),
        CodecSpec(CodecID("random-k")),
        CodecSpec(CodecID("random-k"), density: 0.25),
        CodecSpec(CodecID("random-k"), density: 0.1, values: .float16),
        CodecSpec(CodecID("ternary"), clip: 0),
        CodecSpec(CodecID("sbc"), density: 401.0 / 6000),
        CodecSpec(CodecID("sbc"), density: 0.4),
        CodecSpec(CodecID("stc"), density: 1),
        CodecSpec(CodecID("top-k"), density: 1),
        CodecSpec(CodecID("random-k"), density: 1),
    ]

    /// Layouts around the edges of blocks; those of the vectors are among them.
    static let layouts: [ModelLayout] = [
        layout([]),
        layout([("x", 1, .weight)]),
        layout([("fc.weight", 6, .weight), ("fc.bias", 2, .bias), ("bn.mean", 2, .cleanStatistics)]),
        layout([("x", 320, .weight)]),
        layout([
            ("a", 70, .weight), ("b", 5, .bias), ("c", 9, .normScale), ("d", 1, .normShift), ("e", 6, .cleanStatistics),
            ("f", 3, .adversarialStatistics), ("g", 250, .weight),
        ]),
        layout([("a", 600, .weight), ("b", 100, .bias)]),
        layout([
            ("conv.weight", 525, .weight), ("conv.bias", 7, .bias), ("bn.scale", 1, .normScale),
            ("bn.variance", 7, .adversarialStatistics), ("zero", 40, .weight), ("fc.weight", 2160, .weight),
            ("tiny", 3, .weight),
        ]),
        layout([("x", 33_000, .weight), ("y", 3, .bias)]),
        layout([("x", 640, .weight)]),
        layout([("x", 70, .weight)]),
        layout([("x", 400, .weight)]),
        layout([("x", 900, .weight)]),
        layout([("x", 1000, .weight)]),
        layout([("x", 6000, .weight)]),
        layout([("a", 4224, .weight), ("b", 9, .bias), ("c", 4096, .weight), ("d", 10, .weight)]),
        layout([
            ("fc.weight", 600, .weight), ("bn.mean", 3, .cleanStatistics), ("fc.bias", 30, .bias),
            ("out.weight", 7, .weight),
        ]),
        layout([("a", 4224, .weight), ("b", 9, .bias), ("c", 4096, .weight), ("d", 10, .bias)]),
        // More than a block of trits, and more than two of sums and gaps.
        layout([("x", 81_925, .weight)]),
        layout([("x", 131_100, .weight), ("y", 7, .bias)]),
        layout([("x", 3, .weight)]),
        layout([("x", 6, .weight)]),
        layout([("x", 14, .weight)]),
        layout([("x", 16, .weight)]),
        layout([("x", 700, .weight)]),
        layout([("x", 1200, .weight)]),
        layout([("x", 81_820, .weight), ("y", 180, .weight)]),
        layout([("x", 81_920, .weight)]),
        layout([("x", 100_000, .weight), ("y", 63_840, .weight)]),
    ]

    /// The codecs of `specs`.
    static let codecs: [any GradientCodec] = specs.map(codec)

    /// A codec that is for one layout.
    struct Bound {
        let codec: any GradientCodec
        let layout: ModelLayout
    }

    /// What a coordinator reads besides: updates of base networks, of narrow networks, and of shared scales.
    static let bound: [Bound] = {
        let inner = [
            CodecSpec(CodecID("dense-float32")), CodecSpec(CodecID("ternary")), CodecSpec(CodecID("uniform")),
            CodecSpec(CodecID("sbc"), density: 0.05), CodecSpec(CodecID("random-k"), density: 0.3),
        ].map(codec)
        let base: [(String, Int, ParameterRole)] = [
            ("fc.weight", 600, .weight), ("fc.bias", 20, .bias), ("bn.mean", 3, .cleanStatistics),
        ]
        let bases = layout((0..<3).flatMap { number in base.map { ("\(number).\($0.0)", $0.1, $0.2) } })
        let (full, narrow) = (matrix(rows: 40, columns: 30), matrix(rows: 10, columns: 17))
        let pair = layout([("x", 400, .weight), ("y", 90, .weight), ("z", 5, .cleanStatistics)])
        do {
            let slice = try NestedSlice(narrow, of: full)
            return inner.map { Bound(codec: BasesCodec($0, chosen: [0, 2], of: 3), layout: bases) }
                + inner.map { Bound(codec: NestedCodec($0, slice: slice), layout: full) }
                + [Bound(codec: SharedTernaryCodec(TernaryCodec(), scales: [0.5, 0]), layout: pair)]
        } catch { preconditionFailure("\(error)") }
    }()

    private static func codec(_ spec: CodecSpec) -> any GradientCodec {
        do { return try CodecRegistry.codec(spec) } catch { preconditionFailure("\(spec): \(error)") }
    }

    private static func layout(_ tensors: [(String, Int, ParameterRole)]) -> ModelLayout {
        made(tensors.map { ParameterSpec(name: $0.0, shape: [$0.1], role: $0.2) })
    }

    private static func matrix(rows: Int, columns: Int) -> ModelLayout {
        made([
            ParameterSpec(name: "fc.weight", shape: [rows, columns], role: .weight),
            ParameterSpec(name: "fc.bias", shape: [rows], role: .bias),
        ])
    }

    private static func made(_ parameters: [ParameterSpec]) -> ModelLayout {
        do { return try ModelLayout(parameters) } catch { preconditionFailure("\(error)") }
    }
}
