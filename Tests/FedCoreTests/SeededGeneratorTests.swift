// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct SeededGeneratorTests {
    /// The first numbers of xoshiro256++ 1.0 from the state 1, 2, 3, 4, as its published C code prints them.
    @Test func stepsAsPublished() throws {
        let state = Data(#"{"key": 0, "s0": 1, "s1": 2, "s2": 3, "s3": 4}"#.utf8)
        var generator = try JSONDecoder().decode(SeededGenerator.self, from: state)
        let published: [UInt64] = [
            41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205,
            9_973_669_472_204_895_162, 14_011_001_112_246_962_877, 12_406_186_145_184_390_807,
            15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
        ]
        #expect(published.map { _ in generator.next() } == published)
    }

    /// Computed by an independent implementation (`protocols/codecs/check_vectors.py`).
    @Test(
        arguments: [
            (0, [0x5317_5D61_490B_23DF, 0x61DA_6F3D_C380_D507, 0x5C0F_DF91_EC9A_7BFC, 0x02EE_BF8C_3BBE_5E1A]),
            (1, [0xCFC5_D07F_6F03_C29B, 0xBF42_4132_963F_E08D, 0x19A3_7D57_57AA_F520, 0xBF08_119F_05CD_56D6]),
            (0xFEDC_0DE, [0x38DF_612B_9633_7227, 0xA570_CCE0_B812_1F44, 0x6296_C355_9E1D_7527, 0x993B_FCE0_8ABC_9C31]),
        ] as [(UInt64, [UInt64])]) func seedsThroughSplitMix64(_ key: UInt64, _ expected: [UInt64])
    {
        var generator = SeededGenerator(key: key)
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func streamsDependOnKeyPurposeAndNumberOnly() {
        var generator = SeededGenerator(key: 42)
        #expect(generator.stream("round", 12).key == 0xB7C6_5240_543D_8715)
        #expect(generator.stream("").key == 0x7BF4_E9E3_696D_1305)
        _ = generator.next()
        #expect(generator.stream("round", 12).key == 0xB7C6_5240_543D_8715)
        let keys = (0..<1000).flatMap { [generator.stream("a", $0).key, generator.stream("b", $0).key] }
        #expect(Set(keys).count == 2000)
    }

    @Test func streamsAreUncorrelated() {
        let root = SeededGenerator(key: 1)
        var streams = (0..<20).map { root.stream("worker", $0) }
        let draws = streams.indices.map { index in (0..<2000).map { _ in streams[index].nextUnitDouble() - 0.5 } }
        for first in draws.indices {
            for second in 0..<first {
                // The variance of one draw is 1/12; five standard deviations of the mean of 2,000 products.
                let product = zip(draws[first], draws[second]).reduce(0) { $0 + $1.0 * $1.1 } / 2000
                #expect(abs(product) < 5.0 / 12 / 2000.0.squareRoot())
            }
        }
    }

    @Test func unitNumbersAreInRange() {
        var generator = SeededGenerator(key: 7)
        #expect((0..<3).map { _ in generator.nextUnitFloat() * 0x1p24 } == [928_794, 2_887_624, 12_038_929])
        generator = SeededGenerator(key: 7)
        #expect(generator.nextUnitDouble() * 0x1p53 == 498_642_482_189_778)
        for _ in 0..<10_000 {
            #expect((0..<1).contains(generator.nextUnitFloat()))
            #expect((0..<1).contains(generator.nextUnitDouble()))
        }
    }

    @Test func indicesFollowLemire() {
        var generator = SeededGenerator(key: 7)
        let bounds = [10, 10, 10, 3, 1_000_000_007, Int.max]
        #expect(bounds.map { generator.nextIndex(below: $0) } == [0, 1, 7, 1, 963_659_528, 4_295_358_383_878_398_532])
    }

    @Test(arguments: [1, 2, 3, 7, 10, 100]) func indicesAreUniformBelowTheBound(_ bound: Int) {
        var generator = SeededGenerator(key: 3)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<1000 * bound {
            let index = generator.nextIndex(below: bound)
            #expect((0..<bound).contains(index))
            counts[index] += 1
        }
        // Five standard deviations of a binomial count of mean 1,000.
        #expect(counts.allSatisfy { abs($0 - 1000) <= 160 })
    }

    @Test func shufflesReachEveryPermutationEqually() {
        var generator = SeededGenerator(key: 5)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 {
            var elements = [0, 1, 2, 3]
            generator.shuffle(&elements)
            counts[elements, default: 0] += 1
        }
        #expect(counts.count == 24)
        #expect(counts.values.allSatisfy { abs($0 - 1000) <= 160 })
    }

    @Test func aStoredGeneratorResumesItsStream() throws {
        var generator = SeededGenerator(key: 99)
        for _ in 0..<13 { _ = generator.next() }
        var resumed = try JSONDecoder().decode(SeededGenerator.self, from: JSONEncoder().encode(generator))
        #expect(resumed == generator)
        for _ in 0..<100 { #expect(resumed.next() == generator.next()) }
        #expect(resumed.stream("x", 1) == SeededGenerator(key: 99).stream("x", 1))
    }

    /// The overload for indices draws what the generic function draws.
    @Test(arguments: [0, 1, 2, 3, 100]) func indicesAreShuffledAsAnythingElse(_ count: Int) {
        var generic = SeededGenerator(key: 5)
        var concrete = generic
        var words = (0..<count).map { UInt32($0) }
        var indices = Array(0..<count)
        generic.shuffle(&words)
        concrete.shuffle(&indices)
        #expect(indices == words.map { Int($0) })
        #expect(generic == concrete)
    }
}
