// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A 64-bit hash of bytes that is the same on every machine and in every version: FNV-1a (Fowler, Noll and Vo 1991).
///
/// It tells accidents from each other, not attacks.
struct StableHash {
    /// The hash of what was added so far.
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Adds bytes and then a separator, so that where one text ends and the next begins makes a difference.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { mix(byte) }
        // No byte of UTF-8.
        mix(0xFF)
    }

    /// Adds a number, the lowest byte first.
    mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// The hash with every bit depending on every other, so that hashes can be compared by size (SplitMix64's finaliser).
    var mixed: UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    private mutating func mix(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
