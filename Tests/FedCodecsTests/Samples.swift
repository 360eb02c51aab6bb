// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation

/// Layouts and values that the codecs' tests share.
enum Samples {
    /// Every registered codec with its defaults, and those whose options change the bytes with each of these.
    static let specs: [CodecSpec] =
        CodecRegistry.all.map { CodecSpec($0.id) }
        + ["dense-float32", "dense-float16", "dense-bfloat16"].map { CodecSpec(CodecID($0), entropy: .auto) }
        + [
            CodecSpec(CodecID("uniform"), bits: 4),
            CodecSpec(CodecID("uniform"), bits: 2, dense: [.bias, .norm], denseBelow: 4),
            CodecSpec(CodecID("ternary"), clip: 0, entropy: CodecSpec.Entropy.none),
            CodecSpec(CodecID("ternary"), clip: 4, dense: [.firstLayer, .bias, .norm], denseBelow: 6),
            CodecSpec(CodecID("ternary-sum"), entropy: CodecSpec.Entropy.none),
            CodecSpec(CodecID("sbc"), density: 0.05, entropy: CodecSpec.Entropy.none, dense: [.bias]),
            CodecSpec(CodecID("stc"), density: 0.5, denseBelow: 4),
            CodecSpec(CodecID("top-k"), density: 1, values: .float16),
            CodecSpec(CodecID("random-k"), density: 0.7, values: .float16, dense: [.norm]),
        ]

    /// A specification in few words, for the names of tests.
    static func name(_ spec: CodecSpec) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(spec)).map { String(decoding: $0, as: UTF8.self) } ?? "\(spec)"
    }

    /// One weight tensor of `count` entries, or an empty layout.
    static func flat(_ count: Int) throws -> ModelLayout {
        try ModelLayout(count == 0 ? [] : [ParameterSpec(name: "x", shape: [count], role: .weight)])
    }

    /// Tensors of the given sizes, every role in turn.
    static func mixed(_ sizes: [Int]) throws -> ModelLayout {
        try ModelLayout(
            sizes.enumerated().map { index, size in
                let role = ParameterRole.allCases[index % ParameterRole.allCases.count]
                return ParameterSpec(name: "tensor\(index)", shape: [size], role: role)
            })
    }

    /// A convolutional network of 17 thousand parameters in six tensors.
    static func smallNetwork() throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "conv1.weight", shape: [6, 1, 5, 5], role: .weight),
            ParameterSpec(name: "conv1.bias", shape: [6], role: .bias),
            ParameterSpec(name: "fc1.weight", shape: [100, 160], role: .weight),
            ParameterSpec(name: "fc1.bias", shape: [100], role: .bias),
            ParameterSpec(name: "fc2.weight", shape: [10, 100], role: .weight),
            ParameterSpec(name: "fc2.bias", shape: [10], role: .bias),
        ])
    }

    /// Normal numbers of mean 0 and the given deviation (Box and Muller).
    static func gaussian(_ count: Int, deviation: Float = 1, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(key: seed)
        return (0..<count).map { _ in
            let radius = (-2 * log(1 - generator.nextUnitDouble())).squareRoot()
            return Float(radius * cos(2 * .pi * generator.nextUnitDouble())) * deviation
        }
    }

    /// A change of that layout.
    static func change(_ layout: ModelLayout, deviation: Float = 0.01, seed: UInt64 = 1) throws -> ParameterVector {
        try ParameterVector(layout: layout, values: gaussian(layout.count, deviation: deviation, seed: seed))
    }
}
