// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct UniformCodecTests {
    private func codec(_ bits: Int) throws -> UniformCodec {
        try UniformCodec(CodecSpec(CodecID("uniform"), bits: bits))
    }

    private func largestLevel(_ bits: Int) -> Float { Float((1 << (bits - 1)) - 1) }

    /// Alistarh et al., lemma 3.1: the mean is the value; a value between two levels has the variance of a coin's throw,
    /// step² f (1 - f) with f its place between them.
    @Test(arguments: [8, 4, 2]) func meanAndVarianceAreThoseOfTheoryEntryByEntry(_ bits: Int) throws {
        let codec = try codec(bits)
        let change = try Samples.change(Samples.flat(40), deviation: 1)
        let rounds = 20_000
        var sums = [Double](repeating: 0, count: 40)
        var squares = sums
        for key in 0..<UInt64(rounds) {
            let payload = try codec.encode(change, generator: SeededGenerator(key: key))
            for (index, value) in try codec.decode(payload, layout: change.layout).values.enumerated() {
                let error = Double(value) - Double(change.values[index])
                sums[index] += error
                squares[index] += error * error
            }
        }
        let scale = Double(change.values.map(abs).max() ?? 0)
        let step = scale / Double(largestLevel(bits))
        for (index, value) in change.values.enumerated() {
            let place = abs(Double(value)) / step
            let variance = step * step * (place - place.rounded(.down)) * (1 - place + place.rounded(.down))
            // Five standard errors of the mean; of the mean square too, whose fourth moment is at most step² · variance.
            let error = (variance / Double(rounds)).squareRoot()
            #expect(abs(sums[index] / Double(rounds)) <= 5 * error + 1e-6 * scale)
            let spread = (step * step * variance / Double(rounds)).squareRoot()
            #expect(abs(squares[index] / Double(rounds) - variance) <= 5 * spread + 1e-6 * scale * scale)
        }
    }

    @Test(arguments: [8, 4, 2]) func everyLevelIsKept(_ bits: Int) throws {
        let codec = try codec(bits)
        let largest = Int(largestLevel(bits))
        let values = (-largest...largest).map { Float($0) * 0.25 }
        let change = try ParameterVector(layout: Samples.flat(values.count), values: values)
        for key in UInt64(0)..<50 {
            let payload = try codec.encode(change, generator: SeededGenerator(key: key))
            #expect(try codec.decode(payload, layout: change.layout).values == values)
        }
    }

    @Test(arguments: [8, 4, 2]) func errorsStayBelowOneStep(_ bits: Int) throws {
        let codec = try codec(bits)
        let change = try Samples.change(Samples.mixed([700, 3, 1, 40, 9, 9, 5000]), deviation: 3)
        let decoded = try codec.decode(
            codec.encode(change, generator: SeededGenerator(key: 6)), layout: change.layout)
        for (parameter, segment) in zip(change.layout.parameters, change.layout.segments) {
            let scale = change.values[segment].map(abs).max() ?? 0
            let bound = parameter.role.isStatistics ? 0 : scale / largestLevel(bits) * 1.00001
            for index in segment { #expect(abs(decoded.values[index] - change.values[index]) <= bound) }
        }
    }

    @Test(arguments: [(8, 1), (4, 2), (2, 4)]) func payloadsHaveTheSizeOfTheFormula(_ bits: Int, _ share: Int) throws {
        for count in [1, 2, 3, 4, 5, 255, 256, 257, 2559, 2561, 16_384, 16_385, 40_000] {
            let change = try Samples.change(Samples.flat(count))
            let payload = try codec(bits).encode(change, generator: SeededGenerator(key: 6))
            #expect(payload.count == 4 + 4 + (count + share - 1) / share)
            #expect(payload.count == (try codec(bits).maximumEncodedCount(layout: change.layout)))
        }
    }

    @Test(arguments: [8, 4, 2]) func exemptTensorsAreExact(_ bits: Int) throws {
        let spec = CodecSpec(CodecID("uniform"), bits: bits, dense: [.lastLayer, .bias], denseBelow: 151)
        let codec = try CodecRegistry.codec(spec)
        let change = try Samples.change(Samples.smallNetwork())
        let decoded = try codec.decode(
            codec.encode(change, generator: SeededGenerator(key: 6)), layout: change.layout)
        for (parameter, segment) in zip(change.layout.parameters, change.layout.segments) {
            let isExact = parameter.name != "fc1.weight"
            #expect((decoded.values[segment] == change.values[segment]) == isExact, "\(parameter.name)")
        }
    }

    @Test func valuesBeyondTheBoundAreRefused() throws {
        let layout = try Samples.flat(2)
        for bits in [8, 4, 2] {
            let change = try ParameterVector(layout: layout, values: [0x1p127, -0x1p127])
            let payload = try codec(bits).encode(change, generator: SeededGenerator(key: 1))
            #expect(try codec(bits).decode(payload, layout: layout).values.allSatisfy { $0.isFinite })
            let large = try ParameterVector(layout: layout, values: [Float(0x1p127).nextUp, 0])
            #expect(throws: CodecError(.valueOutOfRange, "")) {
                try codec(bits).encode(large, generator: SeededGenerator(key: 1))
            }
        }
    }

    @Test(arguments: [8, 4, 2]) func everyByteOfASmallPayloadIsALevelOrRefused(_ bits: Int) throws {
        let codec = try codec(bits)
        for count in 1...9 {
            let change = try Samples.change(Samples.flat(count))
            let payload = try codec.encode(change, generator: SeededGenerator(key: 1))
            let width = payload.count - 8
            for index in 8..<payload.count {
                var accepted = 0
                for byte in UInt8.min...UInt8.max {
                    var changed = payload
                    changed[index] = byte
                    do throws(CodecError) {
                        _ = try codec.decode(changed, layout: change.layout)
                        accepted += 1
                    } catch {
                        #expect(error.code == .invalidLevel || error.code == .invalidPadding)
                    }
                }
                // Byte j of m holds the levels j, m + j, ...; each of those that exist has 2L + 1 values, the others one.
                let levels = (0..<8 / bits).count { $0 * width + index - 8 < count }
                #expect(accepted == (0..<levels).reduce(1) { product, _ in product * ((1 << bits) - 1) })
            }
        }
    }
}
