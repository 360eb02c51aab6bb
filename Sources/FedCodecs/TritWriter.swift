// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Rounds tensors to trits at random and packs them into one stream.
struct TritWriter {
    private var generator: fed_ternary_generator_t
    private var digits = [UInt8](repeating: 1, count: TernaryCodec.chunk)
    private var draws = [UInt32](repeating: 0, count: TernaryCodec.chunk)
    private var filled = 0

    /// Starts a stream whose random numbers are named by `generator`'s key.
    init(generator: SeededGenerator) {
        var seeds = generator.stream("ternary")
        var lanes = fed_ternary_generator_t()
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
        self.generator = lanes
    }

    /// Appends a tensor; `scale` is 0 or at least 2^-100.
    mutating func write(_ tensor: UnsafeBufferPointer<Float>, scale: Float, to payload: inout [UInt8]) {
        var done = 0
        while done < tensor.count {
            if filled == 0 { draw() }
            let count = min(tensor.count - done, TernaryCodec.chunk - filled)
            round(UnsafeBufferPointer(rebasing: tensor[done..<done + count]), scale: scale)
            done += count
            filled += count
            if filled == TernaryCodec.chunk { finish(&payload) }
        }
    }

    /// Packs what is left over.
    mutating func finish(_ payload: inout [UInt8]) {
        let count = filled
        guard count > 0 else { return }
        let packed = [UInt8](unsafeUninitializedCapacity: (count + 4) / 5) { bytes, initialized in
            digits.withUnsafeBufferPointer { fed_ternary_pack(bytes.baseAddress, $0.baseAddress, count) }
            initialized = (count + 4) / 5
        }
        payload.append(contentsOf: packed)
        filled = 0
    }

    /// One random word for every trit of a chunk.
    private mutating func draw() {
        draws.withUnsafeMutableBufferPointer {
            fed_ternary_draw(&generator, $0.baseAddress, $0.count / Int(FED_TERNARY_LANES))
        }
    }

    private mutating func round(_ values: UnsafeBufferPointer<Float>, scale: Float) {
        let start = filled
        digits.withUnsafeMutableBufferPointer { digits in
            let target = UnsafeMutableBufferPointer(rebasing: digits[start..<start + values.count])
            guard scale > 0 else { return target.update(repeating: 1) }
            draws.withUnsafeBufferPointer { draws in
                let words = UnsafeBufferPointer(rebasing: draws[start..<start + values.count])
                fed_ternary_round(target.baseAddress, values.baseAddress, words.baseAddress, values.count, scale)
            }
        }
    }
}
