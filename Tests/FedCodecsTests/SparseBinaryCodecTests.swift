// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// Sparse binary compression's exact properties (Sattler et al. 2018, algorithm 2 and equation 8).
@Suite struct SparseBinaryCodecTests {
    private func codec(_ density: Double, entropy: CodecSpec.Entropy? = nil) throws -> SparseBinaryCodec {
        try SparseBinaryCodec(CodecSpec(CodecID("sbc"), density: density, entropy: entropy))
    }

    private func roundTrip(_ change: ParameterVector, _ codec: SparseBinaryCodec) throws -> [Float] {
        try codec.decode(codec.encode(change, generator: SeededGenerator(key: 1)), layout: change.layout).values
    }

    @Test(arguments: [(1, 0.5), (63, 0.1), (4095, 0.01), (4160, 0.3), (5000, 1), (70_001, 0.01), (66_000, 0.001)])
    func keepsExactlyTheHeavierTailAsItsMean(_ count: Int, _ density: Double) throws {
        let kept = max(1, Int((density * Double(count)).rounded()))
        for values in Ranking.samples(count, seed: UInt64(count)) {
            let decoded = try roundTrip(ParameterVector(layout: Samples.flat(count), values: values), codec(density))
            let up = Ranking.largest(values, kept: kept) { $0 + 0 }
            let down = Ranking.largest(values, kept: kept) { 0 - $0 }
            let (upMean, downMean) = (Ranking.mean(up.map { values[$0] }), Ranking.mean(down.map { -values[$0] }))
            var expected = [Float](repeating: 0, count: count)
            for index in upMean >= downMean ? up : down { expected[index] = upMean >= downMean ? upMean : -downMean }
            #expect(decoded == expected)
        }
    }

    @Test func aTensorIsItsOwnUnitAndSmallOnesShareOne() throws {
        let layout = try ModelLayout([
            ParameterSpec(name: "a.weight", shape: [5000], role: .weight),
            ParameterSpec(name: "a.bias", shape: [100], role: .bias),
            ParameterSpec(name: "b.weight", shape: [64, 64], role: .weight),
            ParameterSpec(name: "b.bias", shape: [200], role: .bias),
        ])
        var values = Samples.gaussian(layout.count, seed: 4)
        for index in layout.segments[3] { values[index] = -5 - abs(values[index]) }
        let decoded = try roundTrip(ParameterVector(layout: layout, values: values), codec(0.02))
        let parts = layout.segments.map { Array(decoded[$0]) }
        #expect(parts.map { $0.count { $0 != 0 } } == [100, 0, 82, 6])
        #expect(Set(parts[0]).count == 2 && Set(parts[2]).count == 2 && Set(parts[3]).count == 2)
        #expect(parts[3].allSatisfy { $0 <= 0 })
    }

    @Test(arguments: [
        (0.1, 3), (0.05, 4), (0.02, 5), (0.01, 6), (0.005, 7), (0.001, 9), (0.0001, 13), (0.5, 0), (0.7, 0), (1, 0),
    ])
    func theParameterIsTheBestOne(_ density: Double, _ expected: Int) {
        #expect(GapBlock.parameter(density: density) == expected)
        let best = (0...24).min { bits(density, $0) < bits(density, $1) }
        #expect(best == expected)
        if density < 0.5 {
            let golden = (5.0.squareRoot() + 1) / 2
            #expect(1 + Int(floor(log2(log(golden - 1) / log(1 - density)))) == expected)
        }
    }

    /// Equation 8: the mean bits of a position where entries are kept with this probability.
    private func bits(_ density: Double, _ parameter: Int) -> Double {
        Double(parameter) + 1 / (1 - pow(1 - density, pow(2, Double(parameter))))
    }

    @Test(arguments: [0.1, 0.05, 0.02, 0.01, 0.005, 0.001])
    func positionsCostWhatTheFormulaSays(_ density: Double) throws {
        let count = 2_000_000
        let change = try ParameterVector(layout: Samples.flat(count), values: Samples.gaussian(count, seed: 11))
        let kept = Double(count) * density
        let rice = try codec(density, entropy: CodecSpec.Entropy.none).encode(
            change, generator: SeededGenerator(key: 1))
        let formula = bits(density, GapBlock.parameter(density: density))
        #expect(rice[8] == UInt8(GapBlock.parameter(density: density)))
        #expect(abs(8 * Double(rice.count - 8) / kept / formula - 1) < 0.01)
        let coded = try codec(density).encode(change, generator: SeededGenerator(key: 1))
        let entropy = -(density * log2(density) + (1 - density) * log2(1 - density)) / density
        #expect(8 * Double(coded.count - 8) / kept / entropy < 1.01)
        #expect(coded.count <= rice.count)
    }

    @Test(arguments: [0, -0.5, 1.0001, .nan, .infinity]) func aDensityIsAShare(_ density: Double) {
        #expect(throws: CodecError(.invalidOption, "")) { try codec(density) }
    }

    @Test func positionsOfAnotherTensorAreRefused() throws {
        let layout = try ModelLayout([
            ParameterSpec(name: "a", shape: [5000], role: .weight),
            ParameterSpec(name: "b", shape: [5000], role: .weight),
        ])
        let payload = try codec(0.001).encode(
            ParameterVector(zeros: layout), generator: SeededGenerator(key: 1))
        // Five of each tensor: 0 to 4 and 5000 to 5004. Ten neighbours are a block as well, but of one tensor.
        let block: [UInt8] = [0, 2, 0, 0, 0, 0]
        #expect(throws: CodecError(.invalidBlock, "")) {
            try codec(0.001).decode(Array(payload[..<12]) + block, layout: layout)
        }
    }
}
