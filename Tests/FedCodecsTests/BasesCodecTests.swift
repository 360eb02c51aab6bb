// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Changes of some base networks of a model of several.
@Suite struct BasesCodecTests {
    static let bases = 4

    /// Four networks of one shape, one after the other.
    static func layout() throws -> ModelLayout {
        try ModelLayout(
            (0..<bases).flatMap { base in
                [
                    ParameterSpec(name: "base.\(base)/w", shape: [40, 30], role: .weight),
                    ParameterSpec(name: "base.\(base)/b", shape: [40], role: .bias),
                ]
            })
    }

    /// What arrives is what each base's own codec makes of it, and nothing of the others; the bytes are those of the bases alone.
    @Test(arguments: Samples.specs) func eachBaseTravelsAsIfItWereAlone(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        let layout = try Self.layout()
        let base = layout.base(of: Self.bases)
        let change = try Samples.change(layout)
        let generator = SeededGenerator(key: 5)
        for chosen in [[0], [3], [0, 2], [1, 2, 3], [0, 1, 2, 3]] {
            let bases = BasesCodec(codec, chosen: chosen, of: Self.bases)
            let payload = try bases.encode(change, generator: generator)
            #expect(payload.count >= bases.minimumEncodedCount(layout: layout))
            #expect(payload.count <= bases.maximumEncodedCount(layout: layout))
            var expected = [Float](repeating: 0, count: layout.count)
            var alone: [UInt8] = []
            for number in chosen {
                let range = number * base.count..<(number + 1) * base.count
                let part = try ParameterVector(layout: base, values: Array(change.values[range]))
                let own = try codec.encode(part, generator: generator.stream("base", UInt64(number)))
                expected.replaceSubrange(range, with: try codec.decode(own, layout: base).values)
                alone += own
            }
            #expect(payload == alone)
            #expect(try bases.decode(payload, layout: layout).values == expected)
            // However it is cut.
            var decoder = UpdateDecoder(bases, layout: layout)
            var values = [Float](repeating: 0, count: layout.count)
            for start in stride(from: 0, to: payload.count, by: 37) {
                try decoder.push(Array(payload[start..<min(start + 37, payload.count)])) { (piece) throws(CodecError) in
                    piece.forEachEntry { values[$0] = $1 }
                }
            }
            try decoder.finish()
            #expect(values == expected)
        }
    }

    @Test func bytesOfOtherBasesAreRefused() throws {
        let layout = try Self.layout()
        let codec = try CodecRegistry.codec(CodecID("ternary"))
        let change = try Samples.change(layout)
        let two = try BasesCodec(codec, chosen: [0, 1], of: Self.bases).encode(
            change, generator: SeededGenerator(key: 1))
        #expect(throws: CodecError.self) {
            try BasesCodec(codec, chosen: [0], of: Self.bases).decode(two, layout: layout)
        }
        #expect(throws: CodecError.self) {
            try BasesCodec(codec, chosen: [0, 1, 2], of: Self.bases).decode(two, layout: layout)
        }
        #expect(throws: CodecError.self) { try codec.decode(two, layout: layout) }
    }

    /// What is left out of a base waits until that base is trained again.
    @Test func aResidualIsKeptByBase() throws {
        let layout = try Self.layout()
        let size = layout.count / Self.bases
        let codec = try CodecRegistry.codec(CodecSpec(CodecID("sbc"), density: 0.1))
        var residual = [Float](repeating: 0.25, count: layout.count)
        var values = [Float](repeating: 0, count: layout.count)
        for index in size..<2 * size { values[index] = Float(index % 7) - 3 }
        let change = try ParameterVector(layout: layout, values: values)
        let second = BasesCodec(codec, chosen: [1], of: Self.bases)
        let payload = try ErrorFeedback.encode(
            change, residual: &residual, codec: second, generator: SeededGenerator(key: 3))
        let sent = try second.decode(payload, layout: layout).values
        var expected = [Float](repeating: 0.25, count: layout.count)
        for index in size..<2 * size { expected[index] += values[index] - sent[index] }
        #expect(residual == expected)
    }
}
