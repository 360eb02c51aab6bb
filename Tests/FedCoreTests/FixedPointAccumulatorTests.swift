// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Testing

@Suite struct FixedPointAccumulatorTests {
    private func numbers(_ count: Int, key: UInt64, magnitude: Float = 1) -> [Float] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { _ in (2 * generator.nextUnitFloat() - 1) * magnitude }
    }

    @Test func fractionBitsFillTheRoomThatIsLeft() throws {
        // 62 bits less those of the bounds, at most 40: 1024 takes 10, a weight bound w takes ceil(log2 w).
        let expected: [(Float, Int64, Int)] = [
            (1024, 1, 40), (1024, 1 << 12, 40), (1024, 1 << 13, 39), (1024, (1 << 13) + 1, 38), (1, 1 << 22, 40),
            (1, 1 << 23, 39), (1.5, 1 << 23, 38), (2, 1 << 23, 38), (1024, 1 << 36, 16), (1, 1 << 46, 16),
        ]
        for (valueBound, weightBound, bits) in expected {
            let sum = try FixedPointAccumulator(count: 1, valueBound: valueBound, weightBound: weightBound)
            #expect(sum.fractionBits == bits, "\(valueBound) \(weightBound)")
            let most = FixedPointAccumulator.weightBound(leaving: bits, valueBound: valueBound)
            #expect(most >= weightBound)
            #expect(try FixedPointAccumulator.fractionBits(valueBound: valueBound, weightBound: most) == bits)
        }
        #expect(throws: CoreError(.weightOutOfRange, "")) {
            try FixedPointAccumulator(count: 1, valueBound: 1024, weightBound: (1 << 36) + 1)
        }
        #expect(throws: CoreError(.weightOutOfRange, "")) { try FixedPointAccumulator(count: 1, weightBound: .max) }
    }

    /// Every entry is rounded once to fixed point, and nothing else is lost.
    @Test(arguments: 0...70) func sumsAreExact(_ count: Int) throws {
        var sum = try FixedPointAccumulator(count: count, weightBound: 1000)
        var expected = [Int64](repeating: 0, count: count)
        for (round, weight) in [Int64(1), 7, 992].enumerated() {
            let values = numbers(count, key: UInt64(count * 10 + round), magnitude: [1e-9, 1, 1024][round])
            try sum.add(values, weight: weight)
            for (index, value) in values.enumerated() {
                expected[index] += Int64((Double(value) * 0x1p40).rounded(.toNearestOrEven)) * weight
            }
        }
        #expect(sum.fractionBits == 40)
        #expect(sum.sums == expected)
        #expect(sum.totalWeight == 1000)
        #expect(sum.mean() == expected.map { Float(Double($0) * (0x1p-40 / 1000)) })
    }

    @Test func anyOrderGivesTheSameBits() throws {
        var contributions = (0..<40).map { index in
            (values: numbers(333, key: UInt64(index), magnitude: 3), weight: Int64(1 + index * 17 % 23))
        }
        let bound = contributions.reduce(0) { $0 + $1.weight }
        var generator = SeededGenerator(key: 4)
        var first: [Float]?
        for _ in 0..<10 {
            var sum = try FixedPointAccumulator(count: 333, weightBound: bound)
            for contribution in contributions { try sum.add(contribution.values, weight: contribution.weight) }
            if let first { #expect(sum.mean().map(\.bitPattern) == first.map(\.bitPattern)) }
            first = sum.mean()
            generator.shuffle(&contributions)
        }
    }

    @Test(arguments: [Float.nan, .signalingNaN, .infinity, -.infinity, Float(1024).nextUp, -1025, 1e38])
    func whatCannotBeSummedIsRefusedWherever(_ value: Float) throws {
        for index in 0..<37 {
            var sum = try FixedPointAccumulator(count: 37, weightBound: 10)
            try sum.add([Float](repeating: 1, count: 37), weight: 2)
            let before = sum.sums
            var values = [Float](repeating: 1, count: 37)
            values[index] = value
            #expect(throws: CoreError(.valueOutOfRange, "")) { try sum.add(values, weight: 1) }
            #expect(sum.sums == before)
            #expect(sum.totalWeight == 2)
        }
    }

    @Test func theBoundItselfIsAccepted() throws {
        var sum = try FixedPointAccumulator(count: 2, weightBound: 1 << 36)
        try sum.add([1024, -1024], weight: 1 << 36)
        #expect(sum.mean() == [1024, -1024])
    }

    @Test(arguments: [Int64.min, -1, 0, 9, 11, .max]) func weightsAreBounded(_ weight: Int64) throws {
        var sum = try FixedPointAccumulator(count: 1, weightBound: 10)
        try sum.add([0.5], weight: 2)
        #expect(throws: CoreError(.weightOutOfRange, "")) { try sum.add([1], weight: weight) }
        #expect(sum.mean() == [0.5])
        try sum.add([1], weight: 8)
        #expect(sum.mean() == [0.9])
        #expect(throws: CoreError(.weightOutOfRange, "")) { try sum.add([1], weight: 1) }
    }

    @Test(arguments: [0, 1, 3, 5]) func otherCountsAreRefused(_ count: Int) throws {
        var sum = try FixedPointAccumulator(count: 4, weightBound: 10)
        #expect(throws: CoreError(.countMismatch, "")) {
            try sum.add([Float](repeating: 0, count: count), weight: 1)
        }
        #expect(sum.totalWeight == 0)
        #expect(sum.mean() == [0, 0, 0, 0])
    }

    @Test(arguments: [Float(0x1p60), 0x1p127, .greatestFiniteMagnitude])
    func zeroLevelsAreZerosWhateverTheStep(_ step: Float) throws {
        var sum = try FixedPointAccumulator(count: 3, weightBound: 1)
        try [Int8](repeating: 0, count: 3).withUnsafeBufferPointer { levels throws(CoreError) in
            try sum.add(.levels(levels, step: step, at: 0), weight: 1)
        }
        #expect(sum.sums == [0, 0, 0])
        for level: Int8 in [1, -1, 2, -128] {
            #expect(throws: CoreError(.valueOutOfRange, "")) {
                try [level, 0, 0].withUnsafeBufferPointer { levels throws(CoreError) in
                    try sum.add(.levels(levels, step: step, at: 0), weight: 1)
                }
            }
        }
        #expect(sum.sums == [0, 0, 0])
    }

    @Test(arguments: [0, 1, 513, 262_143, 262_145, 1_000_000]) func takingTheMeanGivesTheSameBits(_ count: Int) throws {
        var sum = try FixedPointAccumulator(count: count, weightBound: 100)
        #expect(sum.mean() == [Float](repeating: 0, count: count))
        var generator = SeededGenerator(key: 8)
        for weight: Int64 in [3, 40] {
            try sum.add((0..<count).map { _ in generator.nextUnitFloat() - 0.5 }, weight: weight)
        }
        let mean = sum.mean().map(\.bitPattern)
        #expect(sum.takeMean().map(\.bitPattern) == mean)
        #expect(sum.count == 0 && sum.totalWeight == 0)
        var empty = try FixedPointAccumulator(count: count, weightBound: 1)
        #expect(empty.takeMean() == [Float](repeating: 0, count: count))
    }
}
