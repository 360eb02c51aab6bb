// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore

/// Damages payloads, the same way for the same seed.
struct Mutator {
    var generator: SeededGenerator

    /// One to four changes of `payload`; splices take bytes from `others`, or from itself.
    mutating func damaged(_ payload: [UInt8], others: [[UInt8]]) -> [UInt8] {
        var bytes = payload
        for _ in 0...generator.nextIndex(below: 4) { damage(&bytes, others: others) }
        return bytes
    }

    /// `count` bytes at random.
    mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// Cuts bytes into pieces of 1 to `largest` bytes.
    mutating func cuts(_ bytes: [UInt8], largest: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + generator.nextIndex(below: largest))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    private mutating func damage(_ bytes: inout [UInt8], others: [[UInt8]]) {
        guard !bytes.isEmpty else { return bytes = noise(8) }
        // Headers, lengths and scales are near the beginning: hit them as often as all the rest.
        let near = min(bytes.count, generator.nextIndex(below: 2) == 0 ? 64 : bytes.count)
        let index = generator.nextIndex(below: near)
        switch generator.nextIndex(below: 9) {
        case 0: bytes[index] ^= 1 << UInt8(generator.nextIndex(below: 8))
        case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xC0, 0xFE, 0xFF, 242, 243][generator.nextIndex(below: 9)]
        case 2: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
        case 3: bytes.removeSubrange(index..<min(bytes.count, index + 1 + generator.nextIndex(below: 40)))
        case 4: bytes.insert(contentsOf: noise(1 + generator.nextIndex(below: 40)), at: index)
        case 5: bytes.removeSubrange(index...)
        case 6: overwriteNumber(&bytes, at: index)
        default:
            // A splice: a stretch of this or another payload over the bytes that are here.
            let other = others.isEmpty ? bytes : others[generator.nextIndex(below: others.count)]
            guard !other.isEmpty else { return }
            let start = generator.nextIndex(below: other.count)
            let stretch = other[start..<min(other.count, start + 1 + generator.nextIndex(below: 100))]
            bytes.replaceSubrange(index..<min(bytes.count, index + stretch.count), with: stretch)
        }
    }

    /// Writes a number that lengths, counts and scales are tried with: 32 bits, little-endian.
    private mutating func overwriteNumber(_ bytes: inout [UInt8], at index: Int) {
        let numbers: [UInt32] = [
            0, 1, 2, 255, 256, 32_767, 32_768, 32_769, 65_536, 1 << 24, 1 << 31, .max, .max - 1, 0x7F80_0000,
            0x7F7F_FFFF,
            0x7FC0_0000, 0x8000_0000, 0x0080_0000, 1, UInt32(bytes.count), UInt32(bytes.count - index),
        ]
        let number = numbers[generator.nextIndex(below: numbers.count)]
        for place in 0..<4 where index + place < bytes.count {
            bytes[index + place] = UInt8(truncatingIfNeeded: number >> UInt32(8 * place))
        }
    }
}
