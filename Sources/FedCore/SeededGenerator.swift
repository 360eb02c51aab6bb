// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The project's only source of pseudo-random numbers: xoshiro256++ seeded through SplitMix64.
///
/// A generator is named by a 64-bit key. `stream(_:)` derives independent generators from the *key*, not from how
/// much has been drawn, so that every worker, round and purpose has its own numbers whatever the others do.
/// Not for cryptography.
///
/// Sources: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021 (xoshiro256++ 1.0);
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
    /// What names this generator's stream.
    public let key: UInt64
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// Starts the stream named `key` at its beginning.
    public init(key: UInt64) {
        self.key = key
        var state = key
        s0 = Self.splitMix(&state)
        s1 = Self.splitMix(&state)
        s2 = Self.splitMix(&state)
        s3 = Self.splitMix(&state)
    }

    /// The generator for a named purpose below this one, as in `stream("round", 12)`.
    ///
    /// Depends on this generator's key and the arguments only.
    public func stream(_ purpose: String, _ number: UInt64 = 0) -> SeededGenerator {
        var state = key ^ Self.hash(purpose)
        state = Self.splitMix(&state) ^ number
        return SeededGenerator(key: Self.splitMix(&state))
    }

    /// 64 uniform bits.
    public mutating func next() -> UInt64 {
        let result = Self.rotate(s0 &+ s3, 23) &+ s0
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = Self.rotate(s3, 45)
        return result
    }

    /// Uniform in [0, 1), a multiple of 2^-24.
    public mutating func nextUnitFloat() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    public mutating func nextUnitDouble() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in 0..<`bound` without bias (Lemire 2019); `bound` must be positive.
    public mutating func nextIndex(below bound: Int) -> Int {
        precondition(bound > 0, "the bound is positive")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let threshold = (0 &- range) % range
            while product.low < threshold { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// A permutation of the elements, each equally likely (Fisher and Yates).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for index in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(index, nextIndex(below: index + 1))
        }
    }

    /// The same for indices, with the same draws; not generic, so that other modules shuffle without allocating.
    public mutating func shuffle(_ indices: inout [Int]) {
        guard indices.count > 1 else { return }
        for index in stride(from: indices.count - 1, to: 0, by: -1) {
            indices.swapAt(index, nextIndex(below: index + 1))
        }
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        (value << bits) | (value >> (64 - bits))
    }

    private static func splitMix(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
