// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Rounds tensors to levels at random and packs them into one stream.
struct UniformWriter {
    private let bits: Int
    private var words: RandomWords
    private var levels = [Int8](repeating: 0, count: UniformCodec.chunk)
    private var draws = [UInt32](repeating: 0, count: UniformCodec.chunk)
    private var filled = 0

    /// Starts a stream of levels of 8, 4 or 2 bits.
    init(bits: Int, words: RandomWords) {
        self.bits = bits
        self.words = words
    }

    /// Appends a tensor; `scale` is its largest magnitude, or 0.
    mutating func write(_ tensor: UnsafeBufferPointer<Float>, scale: Float, to payload: inout [UInt8]) {
        var done = 0
        while done < tensor.count {
            if filled == 0 { words.fill(&draws) }
            let count = min(tensor.count - done, UniformCodec.chunk - filled)
            round(UnsafeBufferPointer(rebasing: tensor[done..<done + count]), scale: scale)
            done += count
            filled += count
            if filled == UniformCodec.chunk { finish(&payload) }
        }
    }

    /// Packs what is left over.
    mutating func finish(_ payload: inout [UInt8]) {
        let (count, bits) = (filled, bits)
        guard count > 0 else { return }
        let packed = [UInt8](unsafeUninitializedCapacity: (count * bits + 7) / 8) { bytes, initialized in
            levels.withUnsafeBufferPointer {
                fed_uniform_pack(bytes.baseAddress, $0.baseAddress, count, UInt32(bits))
            }
            initialized = (count * bits + 7) / 8
        }
        payload.append(contentsOf: packed)
        filled = 0
    }

    private mutating func round(_ values: UnsafeBufferPointer<Float>, scale: Float) {
        let place = filled..<filled + values.count
        let largest = Float((1 << (bits - 1)) - 1)
        levels.withUnsafeMutableBufferPointer { levels in
            let target = UnsafeMutableBufferPointer(rebasing: levels[place])
            guard scale > 0 else { return target.update(repeating: 0) }
            draws.withUnsafeBufferPointer { draws in
                let draws = UnsafeBufferPointer(rebasing: draws[place])
                fed_uniform_round(
                    target.baseAddress, values.baseAddress, draws.baseAddress, values.count, scale, largest)
            }
        }
    }
}
