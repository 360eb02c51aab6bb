// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Rounds tensors to trits at random and writes them as one stream of blocks.
struct TritWriter {
    /// Trits that are rounded and packed at a time: whole packed blocks, small enough for the first-level cache.
    private static let chunk = 2560

    private let entropy: CodecSpec.Entropy
    private var words: RandomWords
    private var digits = [UInt8](repeating: 1, count: Self.chunk)
    /// One random word for every trit of a chunk.
    private var draws = [UInt32](repeating: 0, count: Self.chunk)
    /// Digits of the chunk that is being filled.
    private var filled = 0
    private var block = TritBlock()
    /// Blocks that were not written yet.
    private var run = SparseRun()

    /// Starts a stream whose random numbers are named by `generator`'s key.
    init(generator: SeededGenerator, entropy: CodecSpec.Entropy) {
        words = RandomWords(generator, purpose: "ternary")
        self.entropy = entropy
    }

    /// Appends a tensor, its entries cut to magnitudes of at most `limit`; `scale` is 0 or at least 2^-100.
    mutating func write(_ tensor: UnsafeBufferPointer<Float>, scale: Float, limit: Float, to payload: inout [UInt8]) {
        var done = 0
        while done < tensor.count {
            if filled == 0 { words.fill(&draws) }
            let count = min(tensor.count - done, Self.chunk - filled)
            round(UnsafeBufferPointer(rebasing: tensor[done..<done + count]), scale: scale, limit: limit)
            done += count
            filled += count
            if filled == Self.chunk {
                pack()
                if block.isFull { block.write(to: &payload, after: &run, entropy: entropy) }
            }
        }
    }

    /// Writes what is left over.
    mutating func finish(_ payload: inout [UInt8]) {
        pack()
        block.write(to: &payload, after: &run, entropy: entropy)
        run.write(to: &payload)
    }

    private mutating func pack() {
        digits.withUnsafeBufferPointer { block.append(UnsafeBufferPointer(rebasing: $0[..<filled])) }
        filled = 0
    }

    private mutating func round(_ values: UnsafeBufferPointer<Float>, scale: Float, limit: Float) {
        let start = filled
        digits.withUnsafeMutableBufferPointer { digits in
            let target = UnsafeMutableBufferPointer(rebasing: digits[start..<start + values.count])
            guard scale > 0 else { return target.update(repeating: 1) }
            draws.withUnsafeBufferPointer { draws in
                let words = UnsafeBufferPointer(rebasing: draws[start..<start + values.count])
                fed_ternary_round(
                    target.baseAddress, values.baseAddress, words.baseAddress, values.count, scale, limit)
            }
        }
    }
}
