// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// The mean of N ternary updates of shared scales: 2N+1 levels (TernGrad, section 3.2).
@Suite struct TernarySumCodecTests {
    let codec = TernarySumCodec()

    /// Sums of `updates` trits that are not 0 with probability 0.318, as those of Gaussian entries are.
    private func sums(_ count: Int, of updates: Int, seed: UInt64 = 1) -> [Int32] {
        var generator = SeededGenerator(key: seed)
        return (0..<count).map { _ in
            (0..<updates).reduce(0) { sum, _ in
                let draw = generator.nextUnitDouble()
                return sum + (draw < 0.159 ? -1 : draw < 0.318 ? 1 : 0)
            }
        }
    }

    @Test func updatesOfSharedScalesSumExactly() throws {
        let ternary = TernaryCodec()
        let layout = try Samples.mixed([500, 30, 20, 10, 6, 7, 90_000])
        let updates = try (0..<5).map { try Samples.change(layout, deviation: 0.01 * Float($0 + 1), seed: UInt64($0)) }
        var shared = SharedScales(count: 5)
        for update in updates { try shared.take(ternary.scales(of: update)) }
        var sums = [Int32](repeating: 0, count: layout.count)
        for (index, update) in updates.enumerated() {
            var decoder = UpdateDecoder(ternary.makeReader(layout: layout, sharedScales: shared.values))
            let payload = try ternary.encode(
                update, scales: shared.values, generator: SeededGenerator(key: UInt64(index)))
            try decoder.push(payload) { piece in
                guard case .levels(let levels, _, let start) = piece else { return }
                for index in levels.indices { sums[start + index] += Int32(levels[index]) }
            }
            try decoder.finish()
        }
        let payload = try codec.encode(sums: sums, of: 5, scales: shared.values, exact: updates[0])
        #expect(try folded(sums, of: 5, scales: shared.values, exact: updates[0]) == payload)
        let mean = try codec.decode(payload, layout: layout).values
        let coded = zip(layout.parameters, layout.segments).filter { !$0.0.role.isStatistics }.map(\.1)
        for (segment, scale) in zip(coded, shared.values) {
            let step = scale / 5
            for index in segment { #expect(mean[index] == Float(sums[index]) * step) }
        }
        for (parameter, segment) in zip(layout.parameters, layout.segments) where parameter.role.isStatistics {
            #expect(mean[segment] == updates[0].values[segment])
        }
    }

    /// Updates of which few trits are not 0 come as single entries; their sums are the same.
    @Test func sparseUpdatesSumExactly() throws {
        let ternary = try TernaryCodec(CodecSpec(CodecID("ternary"), clip: 0))
        let one = try TernarySumCodec(CodecSpec(CodecID("ternary-sum"), clip: 0))
        let layout = try Samples.flat(200_000)
        var accumulator = try FixedPointAccumulator(count: layout.count, weightBound: 1 << 20)
        var sums = [Int32](repeating: 0, count: layout.count)
        for seed in 1...3 {
            var generator = SeededGenerator(key: UInt64(seed))
            let update = try ParameterVector(
                layout: layout,
                values: (0..<layout.count).map { _ in
                    generator.nextUnitDouble() < 0.02 ? (generator.next() & 1 == 0 ? 0.25 : -0.25) : 0
                })
            let payload = try ternary.encode(update, generator: generator)
            #expect(payload.count < layout.count / 40, "it is sparse")
            var decoder = UpdateDecoder(ternary.makeReader(layout: layout, sharedScales: [0.25]))
            try decoder.push(payload) { (piece) throws(CodecError) in
                do { try accumulator.add(piece, weight: 7) } catch { throw CodecError(.valueOutOfRange, "\(error)") }
            }
            for (index, value) in update.values.enumerated() { sums[index] += Int32(4 * value) }
            #expect(try one.decode(one.encode(update, generator: generator), layout: layout) == update)
        }
        let zeros = ParameterVector(zeros: layout)
        let payload = try codec.encode(accumulator, of: 3, weight: 7, scales: [0.25], mean: zeros)
        #expect(try payload == codec.encode(sums: sums, of: 3, scales: [0.25], exact: zeros))
    }

    /// The payload for the same sums, out of what updates were folded into.
    private func folded(
        _ sums: [Int32], of count: Int, scales: [Float], exact: ParameterVector, weight: Int64 = 7
    ) throws -> [UInt8] {
        var accumulator = try FixedPointAccumulator(count: sums.count, weightBound: 1 << 20)
        let sections = codec.sections(exact.layout)
        for (segment, scale) in zip(sections.coded, scales) {
            for update in 0..<count {
                // Of a sum of magnitude m, the first m updates have a trit.
                let trits = sums[segment].map { Int8(update < $0.magnitude ? $0.signum() : 0) }
                try trits.withUnsafeBufferPointer {
                    try accumulator.add(.levels($0, step: scale, at: segment.lowerBound), weight: weight)
                }
            }
        }
        return try codec.encode(accumulator, of: count, weight: weight, scales: scales, mean: exact)
    }

    @Test(arguments: [Float(0.75), 1e-6, 3e-9, 1000]) func whatWasFoldedIsDividedExactly(_ scale: Float) throws {
        let zeros = ParameterVector(zeros: try Samples.flat(2000))
        let sums = sums(2000, of: 9)
        let payload = try codec.encode(sums: sums, of: 9, scales: [scale], exact: zeros)
        for weight: Int64 in [1, 640, 100_000] {
            #expect(try folded(sums, of: 9, scales: [scale], exact: zeros, weight: weight) == payload)
        }
    }

    @Test func sumsThatAreNoTritsAreRefused() throws {
        let zeros = ParameterVector(zeros: try Samples.flat(3))
        for values: [Float] in [[0, 0.5, 0.25], [1.5, 0, 0], [0, 0, 0.4999]] {
            var accumulator = try FixedPointAccumulator(count: 3, weightBound: 100)
            try accumulator.add(values, weight: 1)
            #expect(throws: CodecError(.valueOutOfRange, "")) {
                try codec.encode(accumulator, of: 2, weight: 1, scales: [0.5], mean: zeros)
            }
            #expect(throws: CodecError(.valueOutOfRange, "")) {
                try codec.encode(accumulator, of: 2, weight: 1, scales: [0], mean: zeros)
            }
        }
    }

    @Test(arguments: [1, 2, 4, 8, 16, 32, 64, 127, 128, 1000, 32_767], [1, 5, 1000, 65_536, 70_001])
    func everySumReturns(_ updates: Int, _ count: Int) throws {
        let layout = try Samples.flat(count)
        let spread = Int32(updates)
        var generator = SeededGenerator(key: 3)
        let uniform = (0..<count).map { _ in Int32(generator.nextIndex(below: 2 * updates + 1)) - spread }
        for sums in [uniform, self.sums(count, of: min(updates, 100)), [Int32](repeating: -spread, count: count)] {
            for entropy in CodecSpec.Entropy.allCases {
                let codec = try TernarySumCodec(CodecSpec(CodecID("ternary-sum"), entropy: entropy))
                let payload = try codec.encode(
                    sums: sums, of: updates, scales: [0.75], exact: ParameterVector(zeros: layout))
                #expect(payload.count <= codec.maximumEncodedCount(layout: layout))
                #expect(payload.count >= codec.minimumEncodedCount(layout: layout))
                let step = Float(0.75) / Float(updates)
                #expect(try codec.decode(payload, layout: layout).values == sums.map { Float($0) * step })
            }
        }
    }

    @Test(arguments: [(1, 1.585), (2, 2.322), (4, 3.170), (8, 4.087), (16, 5.044), (64, 7.011), (1000, 10.967)])
    func bitsAnEntryAreThoseOfTheLevels(_ updates: Int, _ bits: Double) throws {
        // Levels that are all as likely: log2(2N+1) bits, and 1 % for tables and blocks.
        let count = 500_000
        var generator = SeededGenerator(key: 3)
        let sums = (0..<count).map { _ in Int32(generator.nextIndex(below: 2 * updates + 1) - updates) }
        let payload = try codec.encode(
            sums: sums, of: updates, scales: [1], exact: ParameterVector(zeros: Samples.flat(count)))
        #expect(Double(8 * payload.count) / Double(count) < 1.01 * bits)
    }

    @Test(arguments: [1, 2, 8, 64]) func sumsOfGaussianUpdatesTakeTheirEntropy(_ updates: Int) throws {
        let count = 300_000
        let sums = sums(count, of: updates)
        let payload = try codec.encode(
            sums: sums, of: updates, scales: [1], exact: ParameterVector(zeros: Samples.flat(count)))
        var counts: [Int32: Int] = [:]
        for sum in sums { counts[sum, default: 0] += 1 }
        let entropy = counts.values.reduce(0) { $0 - Double($1) * log2(Double($1) / Double(count)) }
        #expect(Double(8 * payload.count) < 1.01 * entropy)
        #expect(Double(8 * payload.count) > entropy)
    }

    @Test func fewUpdatesArriveAsLevels() throws {
        for (updates, narrow) in [(127, true), (128, false)] {
            let sums = sums(100, of: updates)
            let layout = try Samples.flat(100)
            let payload = try codec.encode(
                sums: sums, of: updates, scales: [2], exact: ParameterVector(zeros: layout))
            var decoder = UpdateDecoder(codec, layout: layout)
            try decoder.push(payload) { piece in
                switch piece {
                case .levels(let levels, let step, _):
                    #expect(narrow && levels.map(Int32.init) == sums && step == 2 / Float(updates))
                case .dense(let values, _): #expect(!narrow && values.count == 100)
                case .sparse: Issue.record("sums are not sparse")
                }
            }
        }
    }

    @Test func sumsBeyondTheNumberOfUpdatesAreRefused() throws {
        let zeros = ParameterVector(zeros: try Samples.flat(3))
        for sum: Int32 in [4, -4, .max, .min] {
            #expect(throws: CodecError(.valueOutOfRange, "")) {
                try codec.encode(sums: [0, sum, 0], of: 3, scales: [1], exact: zeros)
            }
        }
    }

    @Test(arguments: [[], [Float.nan], [.infinity], [-1], [0x1p-101], [TernarySumCodec.largestScale.nextUp], [1, 1]])
    func scalesAreChecked(_ scales: [Float]) throws {
        let zeros = ParameterVector(zeros: try Samples.flat(3))
        #expect(throws: CodecError(.invalidScale, "")) {
            try codec.encode(sums: [0, 1, 0], of: 3, scales: scales, exact: zeros)
        }
    }

    @Test(arguments: [3, 127, 128, 32_767]) func theLargestScaleStaysFinite(_ updates: Int) throws {
        let zeros = ParameterVector(zeros: try Samples.flat(2))
        let scale = TernarySumCodec.largestScale
        let payload = try codec.encode(
            sums: [Int32(updates), -Int32(updates)], of: updates, scales: [scale], exact: zeros)
        let values = try codec.decode(payload, layout: zeros.layout).values
        #expect(values.allSatisfy { $0.isFinite && abs(abs($0) / scale - 1) < 1e-6 })
    }

    @Test func damagedSumsAreRefusedOrFinite() throws {
        let layout = try Samples.mixed([700, 30, 20, 10, 3, 3, 90])
        let change = try Samples.change(layout)
        for updates in [3, 200, 5000] {
            let payload = try codec.encode(
                sums: sums(layout.count, of: min(updates, 300)), of: updates, scales: [1, 2, 3, 4, 5], exact: change)
            var generator = SeededGenerator(key: UInt64(updates))
            var refused = 0
            for _ in 0..<2000 {
                var damaged = payload
                for _ in 0...generator.nextIndex(below: 3) {
                    damaged[generator.nextIndex(below: damaged.count)] = UInt8(truncatingIfNeeded: generator.next())
                }
                do throws(CodecError) {
                    #expect(try codec.decode(damaged, layout: layout).isFinite)
                } catch {
                    refused += 1
                }
            }
            #expect(refused > 500)
        }
    }
}
