// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct DenseBFloat16CodecTests {
    let codec = DenseBFloat16Codec()

    private func encode(_ values: [Float]) throws -> [UInt16] {
        let change = try ParameterVector(layout: Samples.flat(values.count), values: values)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 0))
        return values.indices.map { UInt16(payload[4 + 2 * $0]) | UInt16(payload[5 + 2 * $0]) << 8 }
    }

    @Test func everyFinitePatternSurvives() throws {
        let halves = (UInt16.min...UInt16.max).filter { $0 & 0x7FFF < 0x7F80 }
        let values = halves.map { Float(bitPattern: UInt32($0) << 16) }
        #expect(try encode(values) == halves)
        var payload: [UInt8] = [0xFC, 5, 1, 0]
        for half in halves { payload += [UInt8(half & 0xFF), UInt8(half >> 8)] }
        let decoded = try codec.decode(payload, layout: Samples.flat(halves.count)).values
        #expect(decoded.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test func roundsToNearestWithTiesToEven() throws {
        for half in stride(from: UInt16(0), to: 0x7F7F, by: 31) {
            let middle = Float(bitPattern: UInt32(half) << 16 | 0x8000)
            let even = half & 1 == 0 ? half : half + 1
            #expect(try encode([middle, -middle]) == [even, even | 0x8000])
            #expect(try encode([middle.nextDown, middle.nextUp]) == [half, half + 1])
        }
    }

    @Test func whatRoundsToInfinityIsRefused() throws {
        let bound = Float(bitPattern: 0x7F7F_8000)
        #expect(try encode([bound.nextDown, -bound.nextDown]) == [0x7F7F, 0xFF7F])
        for value: Float in [bound, -bound, .greatestFiniteMagnitude] {
            #expect(throws: CodecError(.valueOutOfRange, "")) { try encode([0, value]) }
        }
    }

    @Test func everyPatternThatIsNoNumberIsRefused() throws {
        let layout = try Samples.flat(1)
        for half in (UInt16.min...UInt16.max) where half & 0x7FFF >= 0x7F80 {
            #expect(throws: CodecError(.nonFiniteValue, "")) {
                try codec.decode([0xFC, 5, 1, 0, UInt8(half & 0xFF), UInt8(half >> 8)], layout: layout)
            }
        }
    }
}
