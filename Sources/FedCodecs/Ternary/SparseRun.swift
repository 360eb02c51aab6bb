// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Blocks of trits of which few are not 0, one after the other: where those are and which sign they have.
///
/// The entropy coder takes its tables and states anew for each block, and no byte has a probability below 2^-15: next to
/// nothing where a block has kilobytes, much where nearly all of it is zeros.
struct SparseRun {
    /// The bytes behind the kind: how many blocks, and how many trits that are not 0.
    static let headCount = 3
    /// The most blocks.
    static let maximumBlocks = 255
    /// The most trits that are not 0.
    private static let maximumCount = 65_535

    /// What a run begins with.
    struct Head {
        /// The trits of its blocks.
        let trits: Int
        /// How many of them are not 0.
        let count: Int

        /// Reads the head of a run among `remaining` trits; throws `CodecError.invalidBlock`.
        init(_ part: UnsafeRawBufferPointer, remaining: Int) throws(CodecError) {
            let blocks = Int(part[0])
            trits = min(remaining, blocks * TritBlock.capacity)
            count = Int(part[1]) | Int(part[2]) << 8
            guard blocks >= 1, (blocks - 1) * TritBlock.capacity < remaining, isSparse(count, of: trits) else {
                throw CodecError(.invalidBlock, "a run of sparse blocks has lengths that no encoder writes")
            }
        }
    }

    private var blocks = 0
    private var gaps: [UInt32] = []
    private var signs: [UInt8] = []
    /// Zeros since the last trit that is not 0.
    private var zeros: UInt32 = 0

    /// Whether a block of `count` trits belongs in a run.
    ///
    /// A sign takes a bit here, whichever is the commoner: the square of the difference over 256 times their number is about
    /// what that costs in place of the entropy, in units of what a run saves.
    static func suits(count: Int, minus: Int, plus: Int) -> Bool {
        isSparse(minus + plus, of: count) && (plus - minus) * (plus - minus) <= 256 * (plus + minus)
    }

    /// Whether so few trits are not 0 that the bytes of a run are fewer than those of packed trits.
    static func isSparse(_ count: Int, of trits: Int) -> Bool { 16 * (count + 8) <= trits }

    /// Whether a block with so many trits that are not 0 goes in.
    func hasRoom(for count: Int) -> Bool { blocks < Self.maximumBlocks && gaps.count + count <= Self.maximumCount }

    /// Appends a block of packed trits.
    mutating func append(packed: [UInt8], count: Int) {
        withUnsafeTemporaryAllocation(of: Int8.self, capacity: count) { trits in
            fed_ternary_unpack(trits.baseAddress, packed, count)
            var place = 0
            while place < count {
                let next = Self.nextNonZero(UnsafeBufferPointer(trits), from: place)
                zeros += UInt32(next - place)
                guard next < count else { break }
                if gaps.count % 8 == 0 { signs.append(0) }
                if trits[next] < 0 { signs[gaps.count / 8] |= 1 << UInt8(gaps.count % 8) }
                gaps.append(zeros)
                zeros = 0
                place = next + 1
            }
        }
        blocks += 1
    }

    /// The first place from `place` on whose trit is not 0, or the number of trits.
    private static func nextNonZero(_ trits: UnsafeBufferPointer<Int8>, from place: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(trits)
        var place = place
        while place + 8 <= bytes.count {
            let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            if eight != 0 { return place + eight.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < bytes.count, bytes[place] == 0 { place += 1 }
        return place
    }

    /// Appends the run to `payload`, unless it is empty, and empties it.
    mutating func write(to payload: inout [UInt8]) {
        guard blocks > 0 else { return }
        payload.append(TritBlock.Kind.sparse.rawValue)
        payload.append(contentsOf: [UInt8(blocks), UInt8(gaps.count & 0xFF), UInt8(gaps.count >> 8)])
        if !gaps.isEmpty {
            gaps.withUnsafeBufferPointer { GapBlock.append($0, entropy: .auto, to: &payload) }
            payload.append(contentsOf: signs)
        }
        gaps.removeAll(keepingCapacity: true)
        signs.removeAll(keepingCapacity: true)
        (blocks, zeros) = (0, 0)
    }
}
