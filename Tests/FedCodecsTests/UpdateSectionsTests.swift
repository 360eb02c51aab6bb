// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct UpdateSectionsTests {
    /// conv1 0..<15 and its bias 15..<18, norm 18..<21, 21..<24, statistics 24..<30, fc 30..<50, its bias 50..<52.
    private static func layout() throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "conv1.weight", shape: [3, 5], role: .weight),
            ParameterSpec(name: "conv1.bias", shape: [3], role: .bias),
            ParameterSpec(name: "bn.scale", shape: [3], role: .normScale),
            ParameterSpec(name: "bn.shift", shape: [3], role: .normShift),
            ParameterSpec(name: "bn.mean", shape: [6], role: .cleanStatistics),
            ParameterSpec(name: "hidden.weight", shape: [2, 5], role: .weight),
            ParameterSpec(name: "fc.weight", shape: [2, 5], role: .weight),
            ParameterSpec(name: "fc.bias", shape: [2], role: .bias),
        ])
    }

    private static func exact(_ dense: [CodecSpec.DenseRule], below: Int = 0) throws -> [Range<Int>] {
        let sections = UpdateSections(
            try layout(), CodecSpec(CodecID("ternary"), dense: dense, denseBelow: below))
        #expect(sections.exactCount + sections.codedCount == 52)
        #expect(sections.exactCount == sections.exact.reduce(0) { $0 + $1.count })
        return sections.exact
    }

    @Test func rulesNameTensors() throws {
        #expect(try Self.exact([]) == [24..<30])
        #expect(try Self.exact([.firstLayer]) == [0..<15, 15..<18, 24..<30])
        #expect(try Self.exact([.lastLayer]) == [24..<30, 40..<50, 50..<52])
        #expect(try Self.exact([.bias]) == [15..<18, 24..<30, 50..<52])
        #expect(try Self.exact([.norm]) == [18..<21, 21..<24, 24..<30])
        #expect(try Self.exact([], below: 4) == [15..<18, 18..<21, 21..<24, 24..<30, 50..<52])
        #expect(try Self.exact([.firstLayer, .lastLayer], below: 1000).count == 8)
    }

    @Test func optionsAreRefusedWhereTheyMeanNothing() {
        #expect(throws: CodecError(.invalidOption, "")) {
            try CodecRegistry.codec(CodecSpec(CodecID("dense-float32"), density: 0.1))
        }
        #expect(throws: CodecError(.unknownCodec, "")) { try CodecRegistry.codec(CodecSpec(CodecID("sbc-2"))) }
    }
}
