// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Foundation
import Testing

/// The entropy stage of `ternary`: sizes, the encoder's choice, and bytes that no encoder writes.
@Suite struct TernaryBlocksTests {
    let codec = TernaryCodec()
    /// Trits of a full block.
    static let block = 81_920
    /// Without clipping three levels are exact.
    private static let exact: TernaryCodec = {
        do { return try TernaryCodec(CodecSpec(CodecID("ternary"), clip: 0)) } catch { preconditionFailure("\(error)") }
    }()

    /// The bits that an ideal coder needs for the trits of each tensor, which are alike within it.
    private func entropy(_ change: ParameterVector) -> Double {
        change.layout.segments.reduce(0) { bits, segment in
            let trits = change.values[segment]
            let counts = [trits.count { $0 < 0 }, trits.count { $0 == 0 }, trits.count { $0 > 0 }].map(Double.init)
            return bits + counts.reduce(0) { $0 - ($1 > 0 ? $1 * log2($1 / Double(trits.count)) : 0) }
        }
    }

    @Test(arguments: [[1_000_000], [200_000, 1000, 500_000, 64, 290_000, 8936]], [Float(0.01), 1])
    func aMillionGaussianEntriesTakeTheirEntropy(_ sizes: [Int], _ deviation: Float) throws {
        let layout = try ModelLayout(
            sizes.enumerated().map { ParameterSpec(name: "t\($0)", shape: [$1], role: .weight) })
        let change = try Samples.change(layout, deviation: deviation, seed: 5)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 8))
        let bits = entropy(try codec.decode(payload, layout: layout))
        #expect(bits / 1_000_000 > 1.2 && bits / 1_000_000 < 1.24)
        #expect(Double(8 * payload.count) < 1.01 * bits)
        #expect(Double(8 * payload.count) > bits)
    }

    /// Scales, heads of runs and the like take no more than that.
    private static let fixedBytes = 24

    @Test(arguments: [0.5, 0.2, 0.1, 0.07, 0.06, 0.05, 0.03, 0.02, 0.01, 0.003, 0.001, 0.0001], [0.5, 0.6, 1])
    func sparseTritsTakeLittleMoreThanTheirEntropy(_ density: Double, _ plus: Double) throws {
        var generator = SeededGenerator(key: 3)
        let values = (0..<1_000_000).map { _ -> Float in
            guard generator.nextUnitDouble() < density else { return 0 }
            return generator.nextUnitDouble() < plus ? 1 : -1
        }
        let change = try ParameterVector(layout: Samples.flat(values.count), values: values)
        let payload = try Self.exact.encode(change, generator: SeededGenerator(key: 8))
        #expect(try Self.exact.decode(payload, layout: change.layout) == change)
        // Where signs are not alike, runs give way to the entropy coder, which is less good at very few.
        let share = plus == 0.5 || density >= 0.05 ? 0.01 : 0.15
        #expect(Double(8 * (payload.count - Self.fixedBytes)) < (1 + share) * entropy(change))
    }

    /// Blocks that differ: what is sparse, what is not, and seams of tensors anywhere.
    @Test func runsBeginAndEndWhereBlocksChange() throws {
        var generator = SeededGenerator(key: 5)
        let densities = [0.01, 0, 0.02, 0.5, 0.001, 1, 0, 0.06, 0.03]
        let values = densities.flatMap { density in
            (0..<Self.block).map { _ -> Float in
                generator.nextUnitDouble() < density ? (generator.next() & 1 == 0 ? 1 : -1) : 0
            }
        }
        let layout = try ModelLayout(
            [100_000, 7, 300_000, 40_000, values.count - 440_007].enumerated().map {
                ParameterSpec(name: "t\($0)", shape: [$1], role: .weight)
            })
        let change = try ParameterVector(layout: layout, values: values)
        let payload = try Self.exact.encode(change, generator: SeededGenerator(key: 8))
        #expect(try Self.exact.decode(payload, layout: layout) == change)
        #expect(payload.count < Self.exact.maximumEncodedCount(layout: layout))
    }

    /// Payloads of version 2 are those without runs; who reads another one hears which side is too old.
    @Test func theVersionBeforeIsReadToo() throws {
        let change = try Samples.change(Samples.flat(1000))
        var payload = try codec.encode(change, generator: SeededGenerator(key: 4))
        let decoded = try codec.decode(payload, layout: change.layout)
        payload[2] = 2
        #expect(try codec.decode(payload, layout: change.layout) == decoded)
        #expect(try codec.scales(in: payload, layout: change.layout) == codec.scales(of: change))
        for (version, side) in [(UInt8(1), "the side that made it"), (4, "this side")] {
            payload[2] = version
            let error = #expect(throws: CodecError(.unsupportedVersion, "")) {
                try codec.decode(payload, layout: change.layout)
            }
            #expect(error?.message.contains("upgrade \(side)") == true)
        }
    }

    @Test func theVersionBeforeHasNoRuns() throws {
        let layout = try Samples.flat(Self.block)
        var payload = try Self.exact.encode(ParameterVector(zeros: layout), generator: SeededGenerator(key: 8))
        payload[2] = 2
        #expect(throws: CodecError(.invalidBlock, "")) { try Self.exact.decode(payload, layout: layout) }
    }

    @Test(arguments: [1, 255, 256, 257]) func aRunOfZerosTakesFourBytes(_ blocks: Int) throws {
        let layout = try Samples.flat(blocks * Self.block)
        let payload = try Self.exact.encode(ParameterVector(zeros: layout), generator: SeededGenerator(key: 8))
        #expect(payload.count == 8 + 4 * ((blocks + 254) / 255))
        #expect(payload.count == Self.exact.minimumEncodedCount(layout: layout))
        #expect(try Self.exact.decode(payload, layout: layout) == ParameterVector(zeros: layout))
    }

    /// A run ends before the trits that are not 0 are more than 16 bits count.
    @Test func aRunHasAtMostSixteenBitsOfTrits() throws {
        let layout = try Samples.flat(40 * Self.block)
        let values = (0..<layout.count).map { $0 % 20 == 0 ? Float($0 / 20 % 2 == 0 ? 1 : -1) : 0 }
        let change = try ParameterVector(layout: layout, values: values)
        let payload = try Self.exact.encode(change, generator: SeededGenerator(key: 8))
        #expect(payload[8] == 2)
        #expect(Int(payload[9]) * Self.block / 20 <= 65_535 && (Int(payload[9]) + 1) * Self.block / 20 > 65_535)
        #expect(try Self.exact.decode(payload, layout: layout) == change)
    }

    @Test(arguments: [block - 1, block, block + 1, 2 * block, 2 * block + 321])
    func blocksMeetWithoutSeams(_ count: Int) throws {
        let values = (0..<count).map { [Float(0.5), 0, 0, -0.5, 0, 0, 0, 0.5, 0][$0 % 9] }
        let layout = try ModelLayout([
            ParameterSpec(name: "a", shape: [count / 3], role: .weight),
            ParameterSpec(name: "b", shape: [count - count / 3], role: .bias),
        ])
        let change = try ParameterVector(layout: layout, values: values)
        for entropy in CodecSpec.Entropy.allCases {
            let codec = try TernaryCodec(CodecSpec(CodecID("ternary"), clip: 0, entropy: entropy))
            let payload = try codec.encode(change, generator: SeededGenerator(key: 8))
            #expect(try codec.decode(payload, layout: layout) == change)
            let blocks = (count + Self.block - 1) / Self.block
            if entropy == .none { #expect(payload.count == 4 + 8 + (count + 4) / 5 + blocks) }
        }
    }

    @Test(arguments: [false, true]) func anyCutGivesTheSamePieces(_ isSparse: Bool) throws {
        var change = try Samples.change(Samples.mixed([70_000, 13, 40_000, 7, 30, 5000, 60_000]))
        if isSparse {
            change.withMutableValues { values in
                for index in values.indices where index * 7 % 50 != 0 { values[index] = 0 }
            }
        }
        let payload = try codec.encode(change, generator: SeededGenerator(key: 4))
        let decoded = try codec.decode(payload, layout: change.layout)
        var pieces: [Int] = []
        for length in [1, 3, 1000, 16_384, 100_000] {
            var decoder = UpdateDecoder(codec, layout: change.layout)
            var values = [Float](repeating: 0, count: change.layout.count)
            var mentioned = 0
            for start in stride(from: 0, to: payload.count, by: length) {
                try decoder.push(Array(payload[start..<min(start + length, payload.count)])) { piece in
                    piece.forEachEntry { offset, value in
                        values[offset] = value
                        mentioned += 1
                    }
                }
            }
            try decoder.finish()
            #expect(values == decoded.values)
            pieces.append(mentioned)
        }
        #expect(Set(pieces).count == 1)
        #expect((pieces[0] == change.layout.count) == !isSparse, "what is 0 in a run is not mentioned")
    }

    @Test func likelyTritsArePackedAndUnlikelyOnesCoded() throws {
        // Trits that are all equally likely gain nothing by coding a short block; zeros gain much.
        let layout = try Samples.flat(640)
        var kinds: [UInt8] = []
        for period in [3, 10, 40] {
            let values = (0..<640).map { index -> Float in
                let place = index * 7 % period
                return place == 0 ? 1 : place == 1 && period < 40 ? -1 : 0
            }
            let change = try ParameterVector(layout: layout, values: values)
            let payload = try Self.exact.encode(change, generator: SeededGenerator(key: 8))
            #expect(try Self.exact.decode(payload, layout: layout) == change)
            kinds.append(payload[8])
        }
        #expect(kinds == [0, 1, 2])
    }

    @Test(arguments: [0, 0.05, 100.5, -1, .nan, .infinity]) func clipConstantsAreChecked(_ clip: Double) throws {
        let spec = CodecSpec(CodecID("ternary"), clip: clip)
        if clip == 0 {
            #expect(try TernaryCodec(spec).clip == 0)
        } else {
            #expect(throws: CodecError(.invalidOption, "")) { try CodecRegistry.codec(spec) }
        }
    }

    @Test func withoutClippingTheLargestEntryIsTheScale() throws {
        let change = try Samples.change(Samples.flat(5000), seed: 6)
        let largest = change.values.map(abs).max()
        #expect(try Self.exact.scales(of: change) == [largest])
        let decoded = try Self.exact.decode(
            Self.exact.encode(change, generator: SeededGenerator(key: 1)), layout: change.layout)
        #expect(decoded.values.map(abs).max() == largest)
    }
}
