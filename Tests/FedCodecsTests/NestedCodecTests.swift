// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Changes of a narrow network that is nested in a wide one.
@Suite struct NestedCodecTests {
    static func layout(_ outputs: Int) throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "conv.weight", shape: [outputs, 3, 3, 3], role: .weight),
            ParameterSpec(name: "conv.bias", shape: [outputs], role: .bias),
            ParameterSpec(name: "fc.weight", shape: [7, outputs * 20], role: .weight),
            ParameterSpec(name: "fc.bias", shape: [7], role: .bias),
        ])
    }

    /// What arrives is what the codec makes of the narrow network alone, at its place in the wide one; the bytes are its bytes.
    @Test(arguments: Samples.specs) func aNarrowNetworkTravelsAsIfItWereAlone(_ spec: CodecSpec) throws {
        let codec = try CodecRegistry.codec(spec)
        let full = try Self.layout(16)
        let change = try Samples.change(full)
        let generator = SeededGenerator(key: 5)
        for outputs in [1, 2, 4, 8, 16] {
            let slice = try NestedSlice(Self.layout(outputs), of: full)
            let nested = NestedCodec(codec, slice: slice)
            let payload = try nested.encode(change, generator: generator)
            #expect(payload.count >= nested.minimumEncodedCount(layout: full))
            #expect(payload.count <= nested.maximumEncodedCount(layout: full))
            let part = try ParameterVector(layout: slice.layout, values: slice.gathered(from: change.values))
            #expect(try payload == codec.encode(part, generator: generator))
            var expected = [Float](repeating: 0, count: full.count)
            slice.scatter(try codec.decode(payload, layout: slice.layout).values, into: &expected)
            #expect(try nested.decode(payload, layout: full).values == expected)
            var decoder = UpdateDecoder(nested, layout: full)
            var values = [Float](repeating: 0, count: full.count)
            for start in stride(from: 0, to: payload.count, by: 37) {
                try decoder.push(Array(payload[start..<min(start + 37, payload.count)])) { (piece) throws(CodecError) in
                    piece.forEachEntry { values[$0] = $1 }
                }
            }
            try decoder.finish()
            #expect(values == expected)
        }
    }

    @Test func bytesOfAnotherWidthAreRefused() throws {
        let full = try Self.layout(16)
        let codec = try CodecRegistry.codec(CodecID("ternary"))
        let change = try Samples.change(full)
        let half = NestedCodec(codec, slice: try NestedSlice(Self.layout(8), of: full))
        let quarter = NestedCodec(codec, slice: try NestedSlice(Self.layout(4), of: full))
        let payload = try half.encode(change, generator: SeededGenerator(key: 1))
        #expect(throws: CodecError.self) { try quarter.decode(payload, layout: full) }
        #expect(throws: CodecError.self) { try codec.decode(payload, layout: full) }
    }

    /// What is left out of a narrow network waits for the next one, however wide that is.
    @Test func aResidualIsThatOfTheWideNetwork() throws {
        let full = try Self.layout(16)
        let slice = try NestedSlice(Self.layout(4), of: full)
        let nested = NestedCodec(try CodecRegistry.codec(CodecSpec(CodecID("sbc"), density: 0.1)), slice: slice)
        var residual = [Float](repeating: 0.25, count: full.count)
        var change = ParameterVector(zeros: full)
        var values = change.values
        slice.scatter((0..<slice.layout.count).map { Float($0 % 7) - 3 }, into: &values)
        change = try ParameterVector(layout: full, values: values)
        let payload = try ErrorFeedback.encode(
            change, residual: &residual, codec: nested, generator: SeededGenerator(key: 3))
        let sent = try nested.decode(payload, layout: full).values
        #expect(residual == zip(values, sent).map { 0.25 + $0 - $1 })
    }
}
