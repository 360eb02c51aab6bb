// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct TopKCodecTests {
    private func roundTrip(_ change: ParameterVector, _ spec: CodecSpec) throws -> [Float] {
        let codec = try CodecRegistry.codec(spec)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 1))
        return try codec.decode(payload, layout: change.layout).values
    }

    /// Sizes around those of scanned groups (64), samples (1024, 8192) and blocks (65,536).
    @Test(arguments: [1, 2, 63, 64, 65, 2047, 2048, 2049, 4096, 16_384, 131_100])
    func keepsTheLargestMagnitudesAsTheyAre(_ count: Int) throws {
        for values in Ranking.samples(count, seed: UInt64(count)) {
            let change = try ParameterVector(layout: Samples.flat(count), values: values)
            let order = Ranking.order(values, abs)
            for density in [1e-9, 0.001, 0.01, 0.2, 0.6, 0.97, 1] {
                let kept = max(1, Int((density * Double(count)).rounded()))
                let decoded = try roundTrip(change, CodecSpec(CodecID("top-k"), density: density))
                var expected = [Float](repeating: 0, count: count)
                for index in order.prefix(kept) { expected[index] = values[index] }
                #expect(decoded == expected)
            }
        }
    }

    @Test func halvesAreTheNearest() throws {
        let change = try Samples.change(Samples.smallNetwork())
        let spec = CodecSpec(CodecID("top-k"), density: 1, values: .float16)
        let halves = try DenseFloat16Codec().decode(
            DenseFloat16Codec().encode(change, generator: SeededGenerator(key: 1)), layout: change.layout)
        #expect(try roundTrip(change, spec) == halves.values)
        let large = try ParameterVector(layout: Samples.flat(3), values: [1, -65520, 2])
        #expect(throws: CodecError(.valueOutOfRange, "")) { try roundTrip(large, spec) }
    }

    @Test func keepingEverythingChangesNothing() throws {
        let change = try Samples.change(Samples.mixed([5000, 3, 70_000, 8, 12, 4096, 9, 1]))
        for codec in ["top-k", "random-k"] {
            #expect(try roundTrip(change, CodecSpec(CodecID(codec), density: 1)) == change.values)
        }
    }

    @Test func takesNoOptionsOfOthers() {
        #expect(throws: CodecError(.invalidOption, "")) {
            try CodecRegistry.codec(CodecSpec(CodecID("top-k"), bits: 4))
        }
        for codec in ["sbc", "stc"] {
            let spec = CodecSpec(CodecID(codec), values: .float16)
            #expect(throws: CodecError(.invalidOption, "")) { try CodecRegistry.codec(spec) }
        }
    }
}
