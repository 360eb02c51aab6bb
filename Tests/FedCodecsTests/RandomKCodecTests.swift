// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Testing

@Suite struct RandomKCodecTests {
    private func kept(_ count: Int, _ density: Double, key: UInt64) throws -> [Int] {
        let codec = try RandomKCodec(CodecSpec(CodecID("random-k"), density: density))
        let change = try ParameterVector(layout: Samples.flat(count), values: (1...count).map { Float($0) })
        let payload = try codec.encode(change, generator: SeededGenerator(key: key))
        #expect(payload.count == codec.maximumEncodedCount(layout: change.layout))
        #expect(payload.count == codec.minimumEncodedCount(layout: change.layout))
        let decoded = try codec.decode(payload, layout: change.layout).values
        for (index, value) in decoded.enumerated() { #expect(value == 0 || value == Float(index + 1)) }
        return decoded.indices.filter { decoded[$0] != 0 }
    }

    @Test(arguments: [(1, 0.01), (64, 0.5), (65, 0.6), (1000, 0.01), (5000, 0.3), (5000, 0.99), (200_000, 0.5)])
    func keepsExactlySoMany(_ count: Int, _ density: Double) throws {
        #expect(try kept(count, density, key: 3).count == max(1, Int((density * Double(count)).rounded())))
    }

    @Test(arguments: [0.2, 0.7]) func everyEntryIsEquallyLikely(_ density: Double) throws {
        let rounds = 4000
        var counts = [Int](repeating: 0, count: 50)
        var pairs = 0
        for key in 0..<rounds {
            let kept = try kept(50, density, key: UInt64(key))
            for index in kept { counts[index] += 1 }
            if kept.contains(7), kept.contains(8) { pairs += 1 }
        }
        let expected = Double(rounds) * density
        // Chi-square of 49 degrees of freedom, without replacement: its mean is 50 (1 - density), its deviation about 9.9 of that.
        let chi = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chi < 1.8 * 50 * (1 - density) && chi > 0.4 * 50 * (1 - density))
        let both = Double(rounds) * density * (50 * density - 1) / 49
        #expect(abs(Double(pairs) - both) < 5 * both.squareRoot())
    }

    /// Tensors of their own units between small ones, which are a unit together.
    @Test(arguments: [0.0001, 0.3, 0.7]) func positionsAreDrawnTensorByTensor(_ density: Double) throws {
        let counts = [100, 5000, 6000, 10, 3000, 4096, 4095, 20_000, 1]
        let layout = try ModelLayout(
            counts.enumerated().map { ParameterSpec(name: "t\($0)", shape: [$1], role: .weight) })
        let spec = CodecSpec(CodecID("random-k"), density: density)
        func positions(blocksOf size: Int) throws -> (positions: [Int], most: Int) {
            var drawn = try RandomPositions(layout, spec, seed: 9)
            #expect(drawn.heldCount == 0)
            var positions: [Int] = []
            var most = 0
            while positions.count < drawn.count {
                let start = positions.last.map { $0 + 1 } ?? 0
                positions += drawn.next(min(size, drawn.count - positions.count)).map { start + Int($0) }
                most = max(most, drawn.heldCount)
            }
            return (positions, most)
        }
        let whole = try positions(blocksOf: .max)
        #expect(whole.positions == Set(whole.positions).sorted() && whole.positions.last ?? 0 < layout.count)
        for size in [1, 7, 1000] {
            let parts = try positions(blocksOf: size)
            #expect(parts.positions == whole.positions)
            // The largest tensor's, and those of all small tensors.
            #expect(parts.most <= max(1, Int(density * 20_000 + 0.5)) + max(1, Int(density * 7206 + 0.5)))
        }
        // What encoders draw at once.
        let codec = try RandomKCodec(spec)
        let change = try ParameterVector(layout: layout, values: (1...layout.count).map { Float($0) })
        let payload = try codec.encode(change, generator: SeededGenerator(key: 1))
        let decoded = try codec.decode(payload, layout: layout).values
        #expect(decoded.count { $0 != 0 } == whole.positions.count)
        #expect(decoded.enumerated().allSatisfy { $1 == 0 || $1 == Float($0 + 1) })
    }

    @Test func anotherRoundDrawsOthers() throws {
        #expect(try kept(5000, 0.1, key: 1) != kept(5000, 0.1, key: 2))
    }
}
