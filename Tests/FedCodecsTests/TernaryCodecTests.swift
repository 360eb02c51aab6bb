// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// TernGrad's exact properties (Wen et al., NeurIPS 2017, equations 1 to 4 and section 3.2).
@Suite struct TernaryCodecTests {
    let codec = TernaryCodec()

    private func roundTrip(_ change: ParameterVector, key: UInt64) throws -> [Float] {
        let payload = try codec.encode(change, generator: SeededGenerator(key: key))
        return try codec.decode(payload, layout: change.layout).values
    }

    /// The scale of the first tensor, as the payload states it.
    private func scale(_ payload: [UInt8]) -> Float {
        Float(bitPattern: payload[4..<8].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }

    @Test func roundingIsUnbiasedWithTheVarianceOfEquation2() throws {
        // Uniform entries: their largest magnitude is below 2.5 deviations, so nothing is clipped and s = max|g|.
        var generator = SeededGenerator(key: 77)
        let change = try ParameterVector(
            layout: Samples.flat(203), values: (0..<203).map { _ in 2 * generator.nextUnitFloat() - 1 })
        let s = Double(change.values.map(abs).max() ?? 0)
        let rounds = 4000
        var sums = [Double](repeating: 0, count: 203)
        var squares = [Double](repeating: 0, count: 203)
        for key in 0..<rounds {
            for (index, value) in try roundTrip(change, key: UInt64(key)).enumerated() {
                #expect(value == 0 || abs(Double(value)) == s)
                sums[index] += Double(value)
                squares[index] += Double((value - change.values[index]) * (value - change.values[index]))
            }
        }
        var total = 0.0
        for (index, value) in change.values.enumerated() {
            let magnitude = Double(abs(value))
            let variance = magnitude * (s - magnitude)
            let tolerance = 5 * (variance / Double(rounds)).squareRoot() + 1e-6
            #expect(abs(sums[index] / Double(rounds) - Double(value)) < tolerance)
            total += variance
        }
        // s‖g‖₁ − ‖g‖₂²
        #expect(abs(squares.reduce(0, +) / Double(rounds) / total - 1) < 0.01)
    }

    @Test func nonZerosAreAsManyAsTheNormsSay() throws {
        let change = try Samples.change(Samples.flat(200_000), seed: 3)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 4))
        let s = Double(scale(payload))
        let decoded = try codec.decode(payload, layout: change.layout).values
        let nonZeros = Double(decoded.count { $0 != 0 })
        let expected = change.values.reduce(0) { $0 + min(Double(abs($1)), s) } / s
        #expect(abs(nonZeros / expected - 1) < 0.01)
        #expect(abs(nonZeros / 200_000 - 0.318) < 0.004)
    }

    @Test func clippingChangesLengthAndDirectionAsThePaperSays() throws {
        let change = try Samples.change(Samples.flat(200_000), seed: 8)
        let mean = change.values.reduce(0) { $0 + Double($1) } / 200_000
        let variance = change.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 200_000
        let s = Double(scale(try codec.encode(change, generator: SeededGenerator(key: 4))))
        #expect(abs(s / (2.5 * variance.squareRoot()) - 1) < 1e-6)
        var (before, after, product) = (0.0, 0.0, 0.0)
        for value in change.values.map(Double.init) {
            let clipped = max(-s, min(s, value))
            before += value * value
            after += clipped * clipped
            product += value * clipped
        }
        let angle = acos(product / (before * after).squareRoot()) * 180 / .pi
        // A normal distribution clipped at 2.5 deviations: 0.9887 and 2.75 degrees. The paper saw 1.0 to 1.5 % and
        // 2 to 3 degrees.
        #expect(abs((after / before).squareRoot() - 0.9887) < 0.001)
        #expect(abs(angle - 2.75) < 0.2)
    }

    @Test(arguments: [Float(0.5), 0.3, 1e-20, 1e20, 1]) func threeLevelsAreExact(_ s: Float) throws {
        let values = (0..<1000).map { [s, 0, -s, -s, 0, s, s][$0 % 7] }
        let change = try ParameterVector(layout: Samples.flat(1000), values: values)
        for key in 0..<20 { #expect(try roundTrip(change, key: UInt64(key)) == values) }
    }

    @Test func constantTensorsAreExact() throws {
        for count in [1, 2, 7, 1000] {
            let values = [Float](repeating: -0.7, count: count)
            let change = try ParameterVector(layout: Samples.flat(count), values: values)
            #expect(try roundTrip(change, key: 1) == values)
        }
    }

    @Test func twoWorkersOfEqualGradientsAverageExactly() throws {
        let values = (0..<500).map { $0 % 3 == 0 ? Float(0.25) : -0.25 }
        let change = try ParameterVector(layout: Samples.flat(500), values: values)
        let (first, second) = (try roundTrip(change, key: 1), try roundTrip(change, key: 2))
        #expect(zip(first, second).map { ($0 + $1) / 2 } == values)
    }

    @Test func tensorsOfTheSameStreamDoNotShareRandomness() throws {
        let values = Samples.gaussian(3000, seed: 4)
        let change = try ParameterVector(
            layout: ModelLayout([
                ParameterSpec(name: "a", shape: [3000], role: .weight),
                ParameterSpec(name: "b", shape: [3000], role: .weight),
            ]), values: values + values)
        let decoded = try roundTrip(change, key: 1)
        #expect(correlation(noise(decoded[..<3000], values), noise(decoded[3000...], values)) < 0.1)
    }

    @Test func workersDoNotShareRandomness() throws {
        let change = try Samples.change(Samples.flat(20_000), seed: 5)
        let first = noise(try roundTrip(change, key: 1)[...], change.values)
        for key in UInt64(2)..<10 {
            let other = noise(try roundTrip(change, key: key)[...], change.values)
            #expect(correlation(first, other) < 0.04)
        }
    }

    private func noise(_ decoded: ArraySlice<Float>, _ values: [Float]) -> [Double] {
        zip(decoded, values).map { Double($0 - $1) }
    }

    private func correlation(_ first: [Double], _ second: [Double]) -> Double {
        let product = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
        return abs(product) / (first.reduce(0) { $0 + $1 * $1 } * second.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    @Test func sizesOnTheWire() throws {
        let layout = try Samples.smallNetwork()
        let packed = try TernaryCodec(CodecSpec(CodecID("ternary"), entropy: CodecSpec.Entropy.none))
        let change = try Samples.change(layout)
        let payload = try packed.encode(change, generator: SeededGenerator(key: 1))
        #expect(payload.count == 4 + 4 * 6 + 1 + (layout.count + 4) / 5)
        #expect(payload.count == codec.maximumEncodedCount(layout: layout))
        #expect(Double(8 * payload.count) / Double(layout.count) <= 1.65)
        #expect(try codec.encode(change, generator: SeededGenerator(key: 1)).count < payload.count * 4 / 5)
    }

    @Test func statisticsTravelExactly() throws {
        let layout = try Samples.mixed([40, 3, 5, 6, 20, 30, 100])
        let change = try Samples.change(layout)
        let decoded = try roundTrip(change, key: 1)
        for (parameter, segment) in zip(layout.parameters, layout.segments) where parameter.role.isStatistics {
            #expect(decoded[segment] == change.values[segment])
        }
        let statistics = 20 + 30
        let trits = (layout.count - statistics + 4) / 5
        #expect(codec.maximumEncodedCount(layout: layout) == 4 + 4 * 5 + 4 * statistics + 1 + trits)
    }

    @Test func extremeMagnitudesStayFinite() throws {
        for magnitude: Float in [.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0x1p-100, 0x1p-101, 1e38] {
            let values = (0..<50).map { $0 % 2 == 0 ? magnitude : -magnitude }
            let change = try ParameterVector(layout: Samples.flat(50), values: values)
            let decoded = try roundTrip(change, key: 1)
            #expect(magnitude < 0x1p-100 ? decoded.allSatisfy { $0 == 0 } : decoded == values)
        }
    }

    @Test(arguments: [Float.infinity, .nan, -1, -0.0]) func hostileScalesAreRefused(_ scale: Float) throws {
        let layout = try Samples.flat(10)
        var payload = try codec.encode(Samples.change(layout), generator: SeededGenerator(key: 1))
        for index in 0..<4 { payload[4 + index] = UInt8(truncatingIfNeeded: scale.bitPattern >> (8 * UInt32(index))) }
        #expect(throws: CodecError(.invalidScale, "")) { try codec.decode(payload, layout: layout) }
    }

    @Test(arguments: 1...25) func everyByteOfTritsIsChecked(_ count: Int) throws {
        let layout = try Samples.flat(count)
        let payload = try codec.encode(ParameterVector(zeros: layout), generator: SeededGenerator(key: 1))
        for index in 9..<payload.count {
            var accepted = 0
            for byte in UInt8.min...UInt8.max {
                var changed = payload
                changed[index] = byte
                do throws(CodecError) {
                    _ = try codec.decode(changed, layout: layout)
                    accepted += 1
                } catch {
                    #expect(error.code == (byte >= 243 ? .invalidTrits : .invalidPadding))
                }
            }
            // Byte j of m holds the trits j, m + j, ..., and each of those that exist has three values.
            let width = payload.count - 9
            let trits = (0..<5).count { $0 * width + index - 9 < count }
            #expect(accepted == [1, 3, 9, 27, 81, 243][trits])
        }
    }
}
