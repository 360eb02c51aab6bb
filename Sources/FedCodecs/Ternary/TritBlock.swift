// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// A block of the stream of trits: packed five to a byte, and then entropy-coded where that is smaller.
struct TritBlock {
    /// What a block's first byte says.
    enum Kind: UInt8 {
        case packed = 0
        case coded = 1
    }

    /// Trits of a full block: 256 packed blocks, 16 KiB.
    static let capacity = 81_920
    /// The bytes between the kind and the coded bytes: two frequencies and a length.
    static let codedHeaderCount = 6

    private var packed: [UInt8] = []
    private var coded: [UInt8] = []
    private var minus = 0
    private var plus = 0

    /// An empty block.
    init() { packed.reserveCapacity(Self.packedCount(Self.capacity)) }

    /// Whether no trit more goes in.
    var isFull: Bool { packed.count == Self.packedCount(Self.capacity) }

    /// Appends digits; only the last time they may be no multiple of 320.
    mutating func append(_ digits: UnsafeBufferPointer<UInt8>) {
        let counts = fed_ternary_count(digits.baseAddress, digits.count)
        minus += counts.minus
        plus += counts.plus
        let width = Self.packedCount(digits.count)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { bytes in
            fed_ternary_pack(bytes.baseAddress, digits.baseAddress, digits.count)
            packed.append(contentsOf: bytes)
        }
    }

    /// Appends the block to `payload`, unless it is empty, and empties it.
    mutating func write(to payload: inout [UInt8], entropy: CodecSpec.Entropy) {
        guard !packed.isEmpty else { return }
        if entropy == .none || !writeCoded(to: &payload) {
            payload.append(Kind.packed.rawValue)
            payload.append(contentsOf: packed)
        }
        packed.removeAll(keepingCapacity: true)
        (minus, plus) = (0, 0)
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

    /// The bytes of all blocks of `trits` trits, where a block of n takes `blockCount(n)`.
    static func count(_ trits: Int, _ blockCount: (Int) -> Int) -> Int {
        let rest = trits % capacity
        return trits / capacity * blockCount(capacity) + (rest > 0 ? blockCount(rest) : 0)
    }

    /// No block of `trits` trits has more bytes.
    static func maximumCount(_ trits: Int) -> Int { 1 + packedCount(trits) }

    /// No block of `trits` trits has fewer bytes.
    static func minimumCount(_ trits: Int) -> Int {
        min(maximumCount(trits), 1 + codedHeaderCount + 4 * Int(FED_RANS_STATES))
    }
}
