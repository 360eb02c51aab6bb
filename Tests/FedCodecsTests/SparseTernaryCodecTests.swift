// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// Sparse ternary compression's exact properties (Sattler et al. 2020, algorithm 1).
@Suite struct SparseTernaryCodecTests {
    private func codec(_ density: Double) throws -> SparseTernaryCodec {
        try SparseTernaryCodec(CodecSpec(CodecID("stc"), density: density))
    }

    @Test(arguments: [(1, 0.5), (64, 0.1), (2049, 0.25), (4097, 1), (20_000, 0.1), (150_000, 0.01)])
    func keepsExactlyTheLargestMagnitudesAsTheirMean(_ count: Int, _ density: Double) throws {
        let kept = max(1, Int((density * Double(count)).rounded()))
        for values in Ranking.samples(count, seed: UInt64(count)) {
            let change = try ParameterVector(layout: Samples.flat(count), values: values)
            let payload = try codec(density).encode(change, generator: SeededGenerator(key: 1))
            let decoded = try codec(density).decode(payload, layout: change.layout).values
            let chosen = Ranking.largest(values, kept: kept, abs)
            let mean = Ranking.mean(chosen.map { abs(values[$0]) })
            var expected = [Float](repeating: 0, count: count)
            for index in chosen { expected[index] = values[index] < 0 ? -mean : mean }
            #expect(decoded == expected)
        }
    }

    @Test(arguments: [0.1, 0.01]) func costsOnePercentMoreThanTheEntropyAtMost(_ density: Double) throws {
        let count = 1_000_000
        let change = try ParameterVector(layout: Samples.flat(count), values: Samples.gaussian(count, seed: 12))
        let payload = try codec(density).encode(change, generator: SeededGenerator(key: 1))
        let entropy = -(density * log2(density) + (1 - density) * log2(1 - density)) + density
        #expect(8 * Double(payload.count) / Double(count) / entropy < 1.01)
    }
}
