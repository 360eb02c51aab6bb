// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// How a block of sums becomes bytes: packed by radix, or entropy-coded where that is smaller.
struct SumBlock {
    /// What a block's first byte says.
    enum Kind: UInt8 {
        case packed = 0
        case coded = 1
    }

    /// Sums of a full block.
    static let capacity = 65_536
    /// The bytes between the kind and what is counted by them: a length.
    static let lengthCount = 4
    /// A coded block begins with the smallest sum, the shift and the number of symbols.
    static let modelCount = 4

    /// The number N of updates; sums lie in -N...N.
    let updates: Int

    /// The number of levels.
    var radix: UInt32 { UInt32(2 * updates + 1) }

    /// Appends a block of 1 to `capacity` sums; throws `CodecError.valueOutOfRange`.
    func write(
        _ sums: UnsafeBufferPointer<Int32>, to payload: inout [UInt8], entropy: CodecSpec.Entropy
    ) throws(CodecError) {
        let range = fed_sums_range(sums.baseAddress, sums.count)
        guard range.least >= -updates, range.largest <= updates else {
            throw CodecError(.valueOutOfRange, "a sum of \(updates) trits is beyond ±\(updates)")
        }
        let packedCount = packedCount(sums.count)
        if entropy == .auto {
            let body = Self.coded(sums, range)
            if Self.lengthCount + body.count < packedCount {
                payload.append(Kind.coded.rawValue)
                for byte in 0..<Self.lengthCount { payload.append(UInt8(truncatingIfNeeded: body.count >> (8 * byte))) }
                payload.append(contentsOf: body)
                return
            }
        }
        payload.append(Kind.packed.rawValue)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: packedCount) { bytes in
            fed_sums_pack(bytes.baseAddress, sums.baseAddress, sums.count, -Int32(updates), radix)
            payload.append(contentsOf: bytes)
        }
    }

    /// A coded block: the smallest sum, the shift, the number of symbols, frequencies, coded symbols, planes of low
    /// bits.
    private static func coded(_ sums: UnsafeBufferPointer<Int32>, _ range: fed_sums_range_t) -> [UInt8] {
        let spread = UInt32(range.largest - range.least)
        let shift = UInt32(max(0, UInt32.bitWidth - spread.leadingZeroBitCount - 8))
        let alphabet = Int(spread >> shift) + 1
        var symbols = [UInt8](repeating: 0, count: sums.count)
        var planes = [UInt8](repeating: 0, count: Int(shift) * planeCount(sums.count))
        fed_sums_split(&symbols, &planes, sums.baseAddress, sums.count, range.least, shift)
        var frequencies = [UInt16](repeating: 0, count: alphabet)
        fed_sums_frequencies(&frequencies, alphabet, symbols, sums.count)
        let least = UInt16(bitPattern: Int16(range.least))
        var body = [UInt8(least & 0xFF), UInt8(least >> 8), UInt8(shift), UInt8(alphabet - 1)]
        body.append(contentsOf: FrequencyTable.bytes(frequencies))
        let capacity = 4 * Int(FED_RANS_STATES) + 2 * sums.count
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { bytes in
            let length = fed_rans_encode(bytes.baseAddress, symbols, symbols.count, frequencies, alphabet)
            body.append(contentsOf: bytes[(capacity - length)...])
        }
        body.append(contentsOf: planes)
        return body
    }
}

extension SumBlock {
    /// The bytes of `count` packed sums.
    func packedCount(_ count: Int) -> Int { fed_sums_packed(count, radix) }

    /// No block of `count` sums of these or more updates has fewer bytes.
    func minimumCount(_ count: Int) -> Int {
        1 + min(packedCount(count), Self.lengthCount + Self.modelCount + 4 * Int(FED_RANS_STATES))
    }

    /// The bytes of a plane of `count` bits.
    static func planeCount(_ count: Int) -> Int { (count + 7) / 8 }

    /// The bytes of all blocks of `sums` sums, where a block of n takes `blockCount(n)`.
    static func count(_ sums: Int, _ blockCount: (Int) -> Int) -> Int {
        let rest = sums % capacity
        return sums / capacity * blockCount(capacity) + (rest > 0 ? blockCount(rest) : 0)
    }
}
