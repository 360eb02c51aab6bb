// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// How often each quotient of a block's gaps comes, in units of 1/2^15: what their entropy code goes by.
///
/// A quotient is the gap divided by 2^b, rounded down; 255 stands for all from 255 on.
enum QuotientModel {
    private static let total = 1 << FED_RANS_BITS
    /// The bytes of the entropy code's length.
    private static let lengthCount = 3
    private static let statesCount = 4 * Int(FED_RANS_STATES)

    /// No body has fewer bytes.
    static let minimumCount = 1 + lengthCount + statesCount

    /// Frequencies for symbols that come so often: 0 for those that never come, 1 or more for the others.
    ///
    /// Each share is rounded to nearest, halves up; then the first of the largest takes up what is missing from 2^15, or what is too
    /// much is taken one by one from the first of what is the largest then.
    static func frequencies(_ counts: ArraySlice<Int>) -> [UInt16] {
        let sum = counts.reduce(0, +)
        var shares = counts.map { $0 == 0 ? 0 : max(1, (2 * total * $0 + sum) / (2 * sum)) }
        var excess = shares.reduce(0, +) - total
        while excess != 0, let most = shares.max(), let largest = shares.firstIndex(of: most) {
            let change = excess > 0 ? 1 : excess
            shares[largest] -= change
            excess -= change
        }
        return shares.map { UInt16($0) }
    }

    /// The body of a coded block, or nil where it has `bound` bytes or more.
    static func body(_ gaps: UnsafeBufferPointer<UInt32>, parameter: UInt32, below bound: Int) -> [UInt8]? {
        guard bound > minimumCount else { return nil }
        let count = gaps.count
        let quotients = [UInt8](unsafeUninitializedCapacity: count) { quotients, initialized in
            fed_gaps_split(quotients.baseAddress, gaps.baseAddress, count, parameter)
            initialized = count
        }
        let counts = histogram(quotients)
        guard let top = counts.lastIndex(where: { $0 > 0 }) else { return nil }
        let frequencies = frequencies(counts[...top])
        var body: [UInt8] = []
        body.reserveCapacity(bound)
        body.append(UInt8(top))
        for frequency in frequencies.dropLast() {
            if frequency >= 128 { body.append(UInt8(128 | frequency >> 8)) }
            body.append(UInt8(truncatingIfNeeded: frequency))
        }
        let capacity = statesCount + 2 * count
        var length = 0
        let coded = [UInt8](unsafeUninitializedCapacity: capacity) { bytes, initialized in
            length = fed_rans_encode(bytes.baseAddress, quotients, count, frequencies, frequencies.count)
            UnsafeMutableBufferPointer(rebasing: bytes[..<(capacity - length)]).initialize(repeating: 0)
            initialized = capacity
        }
        guard body.count + lengthCount + length < bound else { return nil }
        body.append(contentsOf: [length, length >> 8, length >> 16].map { UInt8(truncatingIfNeeded: $0) })
        body.append(contentsOf: coded[(capacity - length)...])
        body += [UInt8](unsafeUninitializedCapacity: 4 * count + Int(FED_GAPS_SLACK)) { bytes, initialized in
            initialized = fed_gaps_rest_encode(bytes.baseAddress, quotients, gaps.baseAddress, count, parameter)
        }
        return body.count < bound ? body : nil
    }

    private static func histogram(_ quotients: [UInt8]) -> [Int] {
        var counts = [Int](repeating: 0, count: 256)
        counts.withUnsafeMutableBufferPointer { counts in
            for quotient in quotients { counts[Int(quotient)] += 1 }
        }
        return counts
    }

    /// The quotients in a body, and where what they leave open starts; nil for what no encoder writes.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, count: Int) -> (quotients: [UInt8], end: Int)? {
        guard let top = bytes.first else { return nil }
        var at = 1
        var rest = total
        var frequencies: [UInt16] = []
        for _ in 0..<top {
            guard at + 1 < bytes.count else { return nil }
            var frequency = UInt16(bytes[at])
            at += 1
            if frequency >= 128 {
                frequency = (frequency & 127) << 8 | UInt16(bytes[at])
                at += 1
                guard frequency >= 128 else { return nil }
            }
            rest -= Int(frequency)
            guard rest > 0 else { return nil }
            frequencies.append(frequency)
        }
        frequencies.append(UInt16(rest))
        guard bytes.count - at >= lengthCount else { return nil }
        let length = Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16
        at += lengthCount
        guard length >= statesCount, length <= bytes.count - at else { return nil }
        var isValid = false
        let quotients = [UInt8](unsafeUninitializedCapacity: count) { quotients, initialized in
            isValid = fed_rans_decode(
                quotients.baseAddress, count, bytes.baseAddress.map { $0 + at }, length, frequencies, frequencies.count)
            initialized = isValid ? count : 0
        }
        return isValid ? (quotients, at + length) : nil
    }
}
