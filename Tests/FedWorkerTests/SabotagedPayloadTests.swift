// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedTraining
import Testing

@Suite struct SabotagedPayloadTests {
    /// Every codec with its defaults, and those whose options move its numbers.
    static let specs: [CodecSpec] =
        CodecRegistry.names.map { CodecSpec(CodecID($0)) }
        + ["dense-float32", "dense-float16", "dense-bfloat16"].map { CodecSpec(CodecID($0), entropy: .auto) }
        + ["top-k", "random-k"].map { CodecSpec(CodecID($0), values: .float16) }
        + [
            CodecSpec(CodecID("ternary"), entropy: CodecSpec.Entropy.none), CodecSpec(CodecID("uniform"), bits: 2),
            CodecSpec(CodecID("sbc"), density: 0.001, denseBelow: 100),
            CodecSpec(CodecID("top-k"), density: 0.0001, values: .float16),
        ]

    private func update(with statistics: Bool) throws -> ParameterVector {
        var parameters = [
            ParameterSpec(name: "fc.weight", shape: [70, 100], role: .weight),
            ParameterSpec(name: "fc.bias", shape: [70], role: .bias),
        ]
        if statistics { parameters.append(ParameterSpec(name: "bn.mean", shape: [70], role: .cleanStatistics)) }
        let layout = try ModelLayout(parameters)
        let values = (0..<layout.count).map { Float(($0 * 7919) % 201 - 100) / 1024 }
        return try ParameterVector(layout: layout, values: values)
    }

    @Test(arguments: specs, [false, true]) func noDecoderTakesIt(_ spec: CodecSpec, statistics: Bool) throws {
        let update = try update(with: statistics)
        let codec = try CodecRegistry.codec(spec)
        let payload = try codec.encode(update, generator: SeededGenerator(key: 3))
        _ = try codec.decode(payload, layout: update.layout)
        var sent = payload
        Sabotage(.nan).distort(payload: &sent)
        #expect(sent.count == payload.count)
        let error = try #require(throws: CodecError.self) { try codec.decode(sent, layout: update.layout) }
        // Blocks of compressed planes hold no number.
        let isCompressed = spec.codec.rawValue.hasPrefix("dense-") && payload[3] == 1
        #expect(isCompressed ? error.code == .invalidBlock : [.nonFiniteValue, .invalidScale].contains(error.code))
    }
}
