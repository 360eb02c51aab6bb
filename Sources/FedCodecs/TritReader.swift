// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Unpacks a stream of trits, tensor by tensor.
struct TritReader {
    private let packed: UnsafeRawBufferPointer
    private var digits = [UInt8](repeating: 1, count: TernaryCodec.chunk)
    /// Trits of the stream that were not unpacked yet.
    private var remaining: Int
    /// Where the next bytes to unpack are.
    private var offset = 0
    /// The unpacked digits that were not read yet.
    private var ready = 0..<0

    /// Reads `count` trits from bytes that were checked; they must outlive the reader.
    init(_ packed: Slice<UnsafeRawBufferPointer>, count: Int) {
        precondition(packed.count == (count + 4) / 5, "five trits a byte")
        self.packed = UnsafeRawBufferPointer(rebasing: packed)
        remaining = count
    }

    /// Fills `tensor` with the next trits times `scale`.
    mutating func read(into tensor: UnsafeMutableBufferPointer<Float>, scale: Float) {
        var done = 0
        while done < tensor.count {
            if ready.isEmpty { unpack() }
            let count = min(tensor.count - done, ready.count)
            let start = ready.lowerBound
            digits.withUnsafeBufferPointer { digits in
                let source = UnsafeBufferPointer(rebasing: digits[start..<start + count])
                let target = UnsafeMutableBufferPointer(rebasing: tensor[done..<done + count])
                fed_ternary_expand(target.baseAddress, source.baseAddress, count, scale)
            }
            done += count
            ready = start + count..<ready.upperBound
        }
    }

    private mutating func unpack() {
        let count = min(remaining, TernaryCodec.chunk)
        precondition(count > 0, "no more trits are read than there are")
        let bytes = UnsafeRawBufferPointer(rebasing: packed[offset..<offset + (count + 4) / 5])
        digits.withUnsafeMutableBufferPointer { digits in
            bytes.withMemoryRebound(to: UInt8.self) {
                fed_ternary_unpack(digits.baseAddress, $0.baseAddress, count)
            }
        }
        offset += bytes.count
        remaining -= count
        ready = 0..<count
    }
}
