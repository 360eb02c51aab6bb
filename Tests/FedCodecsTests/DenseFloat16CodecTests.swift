// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct DenseFloat16CodecTests {
    let codec = DenseFloat16Codec()

    /// Binary16's value of a pattern, from the definition.
    private func value(_ half: UInt16) -> Float {
        let exponent = Int(half >> 10 & 0x1F)
        let fraction = Float(half & 0x3FF)
        let magnitude =
            exponent == 0
            ? fraction * 0x1p-24 : Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
        return half & 0x8000 == 0 ? magnitude : -magnitude
    }

    private func encode(_ values: [Float]) throws -> [UInt16] {
        let change = try ParameterVector(layout: Samples.flat(values.count), values: values)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 0))
        return values.indices.map { UInt16(payload[4 + 2 * $0]) | UInt16(payload[5 + 2 * $0]) << 8 }
    }

    @Test func everyFiniteHalfSurvives() throws {
        let halves = (UInt16.min...UInt16.max).filter { $0 & 0x7FFF < 0x7C00 }
        let values = halves.map(value)
        #expect(try encode(values) == halves)
        let layout = try Samples.flat(halves.count)
        var payload: [UInt8] = [0xFC, 2, 1, 0]
        for half in halves { payload += [UInt8(half & 0xFF), UInt8(half >> 8)] }
        let decoded = try codec.decode(payload, layout: layout).values
        #expect(decoded.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test func roundsToNearestWithTiesToEven() throws {
        // Between every two neighbours: the middle goes to the even one, anything else to the nearer one.
        for start in stride(from: UInt16(0), to: 0x7BFF, by: 997) {
            for half in start..<min(start + 40, 0x7BFF) {
                let middle = (value(half) + value(half + 1)) / 2
                let even = half & 1 == 0 ? half : half + 1
                #expect(try encode([middle, -middle]) == [even, even | 0x8000])
                #expect(try encode([middle.nextDown, middle.nextUp]) == [half, half + 1])
            }
        }
    }

    @Test func whatRoundsToInfinityIsRefused() throws {
        #expect(try encode([Float(65520).nextDown, -65504]) == [0x7BFF, 0xFBFF])
        for value: Float in [65520, -65520, .greatestFiniteMagnitude] {
            let error = #expect(throws: CodecError(.valueOutOfRange, "")) { try encode([0, value]) }
            #expect(error?.message.contains("use the codec dense-bfloat16") == true)
        }
    }

    @Test func everyNonFiniteHalfIsRefused() throws {
        let layout = try Samples.flat(1)
        for half in (UInt16.min...UInt16.max) where half & 0x7FFF >= 0x7C00 {
            #expect(throws: CodecError(.nonFiniteValue, "")) {
                try codec.decode([0xFC, 2, 1, 0, UInt8(half & 0xFF), UInt8(half >> 8)], layout: layout)
            }
        }
    }
}
