// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// A block of the stream of trits: packed five to a byte, and then entropy-coded, or put into a run of sparse blocks, where
/// that is smaller.
struct TritBlock {
    /// What a block's first byte says.
    enum Kind: UInt8 {
        case packed = 0
        case coded = 1
        /// A `SparseRun`.
        case sparse = 2
    }

    /// Trits of a full block: 256 packed blocks, 16 KiB.
    static let capacity = 81_920
    /// The bytes between the kind and the coded bytes: two frequencies and a length.
    static let codedHeaderCount = 6

    private var packed: [UInt8] = []
    private var coded: [UInt8] = []
    private var minus = 0
    private var plus = 0
    private var trits = 0

    /// An empty block.
    init() { packed.reserveCapacity(Self.packedCount(Self.capacity)) }

    /// Whether no trit more goes in.
    var isFull: Bool { packed.count == Self.packedCount(Self.capacity) }

    /// Appends digits; only the last time they may be no multiple of 320.
    mutating func append(_ digits: UnsafeBufferPointer<UInt8>) {
        let counts = fed_ternary_count(digits.baseAddress, digits.count)
        minus += counts.minus
        plus += counts.plus
        trits += digits.count
        let width = Self.packedCount(digits.count)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { bytes in
            fed_ternary_pack(bytes.baseAddress, digits.baseAddress, digits.count)
            packed.append(contentsOf: bytes)
        }
    }

    /// Appends the block to `payload`, or to `run`, which goes there before any other block; and empties it.
    mutating func write(to payload: inout [UInt8], after run: inout SparseRun, entropy: CodecSpec.Entropy) {
        guard !packed.isEmpty else { return }
        if entropy == .auto, SparseRun.suits(count: trits, minus: minus, plus: plus) {
            if !run.hasRoom(for: minus + plus) { run.write(to: &payload) }
            run.append(packed: packed, count: trits)
        } else {
            run.write(to: &payload)
            if entropy == .none || !writeCoded(to: &payload) {
                payload.append(Kind.packed.rawValue)
                payload.append(contentsOf: packed)
            }
        }
        packed.removeAll(keepingCapacity: true)
        (minus, plus, trits) = (0, 0, 0)
    }

    /// Appends the block entropy-coded where that is smaller than packed; returns whether it is.
    private mutating func writeCoded(to payload: inout [UInt8]) -> Bool {
        let count = packed.count
        let model = TritModel(minus: minus, plus: plus, of: 5 * count)
        let capacity = Self.codedCapacity(count)
        if coded.count < capacity { coded = [UInt8](repeating: 0, count: capacity) }
        return coded.withUnsafeMutableBufferPointer { coded in
            let length = model.withFrequencies { frequencies in
                fed_rans_encode(coded.baseAddress, packed, count, frequencies.baseAddress, frequencies.count)
            }
            guard length + Self.codedHeaderCount < count else { return false }
            payload.append(Kind.coded.rawValue)
            for field in [model.minus, model.plus, UInt16(length)] {
                payload.append(contentsOf: [UInt8(field & 0xFF), UInt8(field >> 8)])
            }
            payload.append(contentsOf: coded[capacity - length..<capacity])
            return true
        }
    }
}

extension TritBlock {
    /// The bytes of `count` packed trits.
    static func packedCount(_ count: Int) -> Int { (count + 4) / 5 }

    /// What the entropy coder may need for so many bytes.
    private static func codedCapacity(_ count: Int) -> Int { 4 * Int(FED_RANS_STATES) + 2 * count }

    /// No stream of `trits` trits has more bytes: all of it packed.
    static func maximumCount(_ trits: Int) -> Int {
        let rest = trits % capacity
        return trits / capacity * (1 + packedCount(capacity)) + (rest > 0 ? 1 + packedCount(rest) : 0)
    }

    /// No stream of `trits` trits has fewer bytes: all of it zeros, a rest that is no full block among them.
    static func minimumCount(_ trits: Int) -> Int {
        let runs = (trits / capacity + SparseRun.maximumBlocks - 1) / SparseRun.maximumBlocks
        return min(maximumCount(trits), max(1, runs) * (1 + SparseRun.headCount))
    }
}
