// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// The random words of a stochastic rounding: sixteen generators xoshiro128++ side by side, which are dealt from in turn
/// (`protocols/codecs/ternary.md`).
struct RandomWords {
    private var lanes = fed_ternary_generator_t()

    /// The words that `generator`'s key and a purpose name.
    init(_ generator: SeededGenerator, purpose: String) {
        var seeds = generator.stream(purpose)
        withUnsafeMutableBytes(of: &lanes) { bytes in
            let words = bytes.bindMemory(to: UInt32.self)
            let count = Int(FED_TERNARY_LANES)
            for lane in 0..<count {
                let (low, high) = (seeds.next(), seeds.next())
                words[lane] = UInt32(truncatingIfNeeded: low)
                words[count + lane] = UInt32(truncatingIfNeeded: low >> 32)
                words[2 * count + lane] = UInt32(truncatingIfNeeded: high)
                words[3 * count + lane] = UInt32(truncatingIfNeeded: high >> 32)
                // The one state that xoshiro128++ never leaves.
                if low == 0, high == 0 { words[lane] = 1 }
            }
        }
    }

    /// Fills `words`, a multiple of sixteen, with the next ones.
    mutating func fill(_ words: inout [UInt32]) {
        precondition(words.count.isMultiple(of: Int(FED_TERNARY_LANES)), "as many words from every generator")
        words.withUnsafeMutableBufferPointer {
            fed_ternary_draw(&lanes, $0.baseAddress, $0.count / Int(FED_TERNARY_LANES))
        }
    }
}
