// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Payloads that are sent without a copy of the model.
@Suite struct PlainValuesTests {
    @Test(arguments: CodecGuide.all.flatMap(\.variants)) func headAndValuesAreThePayload(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        for sizes in [[], [1], [3, 1, 4, 1, 5, 9, 2, 6], [70_000, 5]] {
            let update = try Samples.change(Samples.mixed(sizes))
            guard let head = try codec.headOfPlainValues(update) else { continue }
            let values = update.values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
            }
            #expect(try codec.encode(update, generator: SeededGenerator(key: 1)) == head + values)
        }
    }

    @Test func onlyPlainFloat32HasSuchPayloads() throws {
        let update = try Samples.change(Samples.flat(10))
        for spec in CodecGuide.all.flatMap(\.variants) {
            let isPlain = spec == CodecSpec(CodecID("dense-float32"))
            #expect(try (CodecRegistry.codec(spec).headOfPlainValues(update) != nil) == isPlain)
        }
    }

    @Test func whatIsNotFiniteIsRefused() throws {
        let update = try ParameterVector(layout: Samples.flat(2), values: [1, .infinity])
        #expect(throws: CodecError(.nonFiniteValue, "")) { try DenseFloat32Codec().headOfPlainValues(update) }
    }
}
