// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

/// Scales that all workers share (TernGrad, section 3.2).
@Suite struct SharedScalesTests {
    let codec = TernaryCodec()

    private func workers(_ count: Int) throws -> [ParameterVector] {
        let layout = try Samples.mixed([400, 30, 20, 10, 6, 7, 3000])
        return try (0..<count).map {
            try Samples.change(layout, deviation: 0.01 * Float($0 + 1), seed: UInt64($0))
        }
    }

    @Test func sumsOfTritsAreIntegersOfTheLargestScale() throws {
        let updates = try workers(4)
        let layout = updates[0].layout
        var shared = SharedScales(count: 5)
        let own = try updates.map { try codec.scales(of: $0) }
        for scales in own { try shared.take(scales) }
        #expect(shared.values == (0..<5).map { tensor in own.map { $0[tensor] }.max() })
        let coded = zip(layout.parameters, layout.segments).filter { !$0.0.role.isStatistics }.map(\.1)
        for (index, update) in updates.enumerated() {
            let payload = try codec.encode(
                update, scales: shared.values, generator: SeededGenerator(key: UInt64(index)))
            #expect(try codec.scales(in: payload, layout: layout) == shared.values)
            let decoded = try codec.decode(payload, layout: layout).values
            for (segment, scale) in zip(coded, shared.values) {
                #expect(decoded[segment].allSatisfy { $0 == 0 || abs($0) == scale })
            }
        }
    }

    @Test func meansAreThoseOfTheOwnClippedEntries() throws {
        // The paper's order: each worker clips at its own threshold, and only then takes the larger scale.
        let update = try Samples.change(Samples.flat(400), seed: 9)
        let own = try codec.scales(of: update)[0]
        let shared = 1.7 * own
        let rounds = 3000
        var sums = [Double](repeating: 0, count: 400)
        for key in 0..<rounds {
            let payload = try codec.encode(update, scales: [shared], generator: SeededGenerator(key: UInt64(key)))
            for (index, value) in try codec.decode(payload, layout: update.layout).values.enumerated() {
                #expect(value == 0 || abs(value) == shared)
                sums[index] += Double(value)
            }
        }
        for (index, value) in update.values.enumerated() {
            let clipped = Double(max(-own, min(own, value)))
            let variance = abs(clipped) * (Double(shared) - abs(clipped))
            #expect(abs(sums[index] / Double(rounds) - clipped) < 5 * (variance / Double(rounds)).squareRoot() + 1e-7)
        }
    }

    @Test func entriesBeyondTheSharedScaleAreClippedToIt() throws {
        let update = try ParameterVector(layout: Samples.flat(50), values: (0..<50).map { $0 % 2 == 0 ? 2 : -2 })
        let payload = try codec.encode(update, scales: [0.5], generator: SeededGenerator(key: 1))
        #expect(try codec.decode(payload, layout: update.layout).values == update.values.map { $0 / 4 })
    }

    @Test func whoHasNothingToSendSendsZerosWhateverTheScale() throws {
        let layout = try Samples.flat(50)
        let nothing = try codec.encode(ParameterVector(zeros: layout), scales: [3], generator: SeededGenerator(key: 1))
        #expect(try codec.decode(nothing, layout: layout) == ParameterVector(zeros: layout))
    }

    @Test func ownScalesGiveTheOwnPayload() throws {
        let update = try workers(1)[0]
        let shared = try codec.encode(update, scales: codec.scales(of: update), generator: SeededGenerator(key: 1))
        #expect(try codec.encode(update, generator: SeededGenerator(key: 1)) == shared)
    }

    @Test func otherScalesThanTheSharedAreRefusedBeforeTheTrits() throws {
        let update = try workers(1)[0]
        var scales = try codec.scales(of: update)
        let payload = try codec.encode(update, scales: scales, generator: SeededGenerator(key: 1))
        var decoder = UpdateDecoder(codec.makeReader(layout: update.layout, sharedScales: scales))
        try decoder.push(payload) { _ in }
        try decoder.finish()
        scales[2] = scales[2].nextUp
        decoder = UpdateDecoder(codec.makeReader(layout: update.layout, sharedScales: scales))
        var pieces = 0
        #expect(throws: CodecError(.invalidScale, "")) { try decoder.push(payload) { _ in pieces += 1 } }
        #expect(pieces == 0)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, -1, -0.0, 0x1p-101])
    func scalesThatNoWorkerComputesAreRefused(_ scale: Float) throws {
        var shared = SharedScales(count: 2)
        try shared.take([1, 0])
        #expect(throws: CodecError(.invalidScale, "")) { try shared.take([2, scale]) }
        #expect(shared.values == [1, 0])
        let update = try Samples.change(Samples.flat(10))
        #expect(throws: CodecError(.invalidScale, "")) {
            try codec.encode(update, scales: [scale], generator: SeededGenerator(key: 1))
        }
    }

    @Test func anotherNumberOfScalesIsRefused() throws {
        var shared = SharedScales(count: 2)
        #expect(throws: CodecError(.invalidScale, "")) { try shared.take([1]) }
        let update = try Samples.change(Samples.flat(10))
        #expect(throws: CodecError(.invalidScale, "")) {
            try codec.encode(update, scales: [], generator: SeededGenerator(key: 1))
        }
    }

    @Test func scalesOfDamagedPayloadsAreRefused() throws {
        let update = try Samples.change(Samples.flat(10))
        let payload = try codec.encode(update, generator: SeededGenerator(key: 1))
        for length in 0..<8 {
            #expect(throws: CodecError(.truncated, "")) {
                try codec.scales(in: Array(payload.prefix(length)), layout: update.layout)
            }
        }
        #expect(throws: CodecError(.wrongFormat, "")) {
            try codec.scales(in: [0] + payload.dropFirst(), layout: update.layout)
        }
    }
}
