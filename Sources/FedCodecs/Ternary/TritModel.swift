// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// How often the trits -1 and 1 are expected in a block, in units of 1/4096: what the entropy coder goes by.
struct TritModel: Equatable {
    /// The number of bytes that hold five trits.
    static let alphabet = Int(FED_TERNARY_BYTES)
    private static let unit = Int(FED_TERNARY_UNIT)

    /// How often -1 comes.
    let minus: UInt16
    /// How often 1 comes.
    let plus: UInt16

    /// What a payload states; nil where the two leave less than nothing for zeros.
    init?(minus: UInt16, plus: UInt16) {
        guard Int(minus) + Int(plus) <= Self.unit else { return nil }
        self.minus = minus
        self.plus = plus
    }

    /// What an encoder states for `minus` trits of -1 and `plus` of 1 among `count`, at least one.
    ///
    /// The commonest digit gets what the other two leave, so that no digit that occurs has the frequency 0.
    init(minus: Int, plus: Int, of count: Int) {
        let zero = count - minus - plus
        let rounded = { (number: Int) in number == 0 ? 0 : max(1, (Self.unit * number + count / 2) / count) }
        if zero >= minus, zero >= plus {
            self.minus = UInt16(rounded(minus))
            self.plus = UInt16(rounded(plus))
        } else if minus >= plus {
            self.minus = UInt16(Self.unit - rounded(zero) - rounded(plus))
            self.plus = UInt16(rounded(plus))
        } else {
            self.minus = UInt16(rounded(minus))
            self.plus = UInt16(Self.unit - rounded(zero) - rounded(minus))
        }
    }

    /// Calls `body` with the frequency of each byte; they add up to 2^15.
    func withFrequencies<Result>(_ body: (UnsafeMutableBufferPointer<UInt16>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: Self.alphabet) { frequencies in
            fed_ternary_frequencies(frequencies.baseAddress, UInt32(minus), UInt32(plus))
            return body(frequencies)
        }
    }
}
