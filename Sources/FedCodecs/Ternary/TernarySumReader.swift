// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Reads a ternary-sum payload: header and number of updates, scales, exact tensors, and then for each block its kind,
/// a coded block's length, and bytes.
struct TernarySumReader: PayloadReader {
    private enum Stage {
        case header
        case updates
        case scales
        case exact
        case kind
        case packed
        case length
        case coded(Int)
    }

    private let sections: UpdateSections
    private var stage = Stage.header
    private var block = SumBlock(updates: 1)
    /// What one level is worth in each coded tensor: scale / N.
    private var steps: [Float] = []
    private var exact: ExactReader
    private var cursor: TensorCursor
    /// Sums that were not read yet.
    private var remaining: Int

    init(_ sections: UpdateSections) {
        self.sections = sections
        exact = ExactReader(sections.exact)
        cursor = TensorCursor(sections.coded)
        remaining = sections.codedCount
    }

    /// Sums of the block that is being read.
    private var blockCount: Int { min(remaining, SumBlock.capacity) }

    var nextPartCount: Int {
        switch stage {
        case .header: PayloadHeader.count
        case .updates: 2
        case .scales: 4 * sections.coded.count
        case .exact: exact.nextPartCount
        case .kind: min(remaining, 1)
        case .packed: block.packedCount(blockCount)
        case .length: SumBlock.lengthCount
        case .coded(let length): length
        }
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        switch stage {
        case .header:
            _ = try PayloadHeader.read(part, wireNumber: 4, version: TernarySumCodec.version)
            stage = .updates
        case .updates:
            let updates = Int(part[0]) | Int(part[1]) << 8
            guard (1...TernarySumCodec.maximumUpdates).contains(updates) else {
                throw CodecError(.valueOutOfRange, "the payload is a sum of \(updates) updates, not of 1 to 32767")
            }
            block = SumBlock(updates: updates)
            stage = .scales
        case .scales:
            let scales = try TensorScale.read(part)
            try TernarySumCodec.check(scales)
            steps = scales.map { $0 / Float(block.updates) }
            stage = .exact
        case .exact:
            try exact.read(part, emit)
        case .kind:
            switch SumBlock.Kind(rawValue: part[0]) {
            case .packed: stage = .packed
            case .coded: stage = .length
            case nil: throw CodecError(.invalidBlock, "a block of the payload is of no kind that there is")
            }
        case .packed:
            try hand(on: unpacked(part), emit)
        case .length:
            let length = (0..<SumBlock.lengthCount).reduce(0) { $0 | Int(part[$1]) << (8 * $1) }
            guard length >= SumBlock.modelCount + 4 * Int(FED_RANS_STATES),
                SumBlock.lengthCount + length < block.packedCount(blockCount)
            else { throw CodecError(.invalidBlock, "a coded block has a length that no encoder writes") }
            stage = .coded(length)
        case .coded:
            try hand(on: decoded(part), emit)
        }
        if case .scales = stage, sections.coded.isEmpty { stage = .exact }
        if case .exact = stage, exact.nextPartCount == 0 { stage = .kind }
    }

    private func unpacked(_ part: UnsafeRawBufferPointer) throws(CodecError) -> [Int32] {
        let bytes = part.bindMemory(to: UInt8.self)
        var sums = [Int32](repeating: 0, count: blockCount)
        guard fed_sums_unpack(&sums, bytes.baseAddress, sums.count, -Int32(block.updates), block.radix) else {
            throw CodecError(.invalidBlock, "a group of bytes does not stand for sums")
        }
        return sums
    }

    private func decoded(_ part: UnsafeRawBufferPointer) throws(CodecError) -> [Int32] {
        let count = blockCount
        let least = Int32(Int16(bitPattern: UInt16(part[0]) | UInt16(part[1]) << 8))
        let (shift, alphabet) = (UInt32(part[2]), Int(part[3]) + 1)
        var rest = part.dropFirst(SumBlock.modelCount)
        let frequencies = try FrequencyTable.read(alphabet, from: &rest)
        let planeBytes = Int(shift) * SumBlock.planeCount(count)
        guard shift <= 8, rest.count >= planeBytes else {
            throw CodecError(.invalidBlock, "a coded block has more low bits than an encoder writes, or ends early")
        }
        let coded = UnsafeRawBufferPointer(rebasing: rest.dropLast(planeBytes)).bindMemory(to: UInt8.self)
        let planes = UnsafeRawBufferPointer(rebasing: rest.suffix(planeBytes)).bindMemory(to: UInt8.self)
        var symbols = [UInt8](repeating: 0, count: count)
        guard fed_rans_decode(&symbols, count, coded.baseAddress, coded.count, frequencies, alphabet) else {
            throw CodecError(.invalidBlock, "the bytes of a coded block are not what an encoder writes")
        }
        var sums = [Int32](repeating: 0, count: count)
        fed_sums_join(&sums, symbols, planes.baseAddress, count, least, shift)
        let range = fed_sums_range(sums, count)
        guard range.least >= -block.updates, range.largest <= block.updates else {
            throw CodecError(.valueOutOfRange, "the payload holds a sum beyond the number of updates")
        }
        return sums
    }

    /// Hands a block on: as levels where they fit in 8 bits.
    private mutating func hand(on sums: [Int32], _ emit: UpdatePieceHandler) throws(CodecError) {
        let narrow = block.updates <= Int(Int8.max)
        let steps = steps
        try sums.withUnsafeBufferPointer { (sums) throws(CodecError) in
            try cursor.advance(sums.count) { (stretch, tensor, offset) throws(CodecError) in
                let own = UnsafeBufferPointer(rebasing: sums[stretch])
                if narrow {
                    let levels = [Int8](unsafeUninitializedCapacity: own.count) { levels, initialized in
                        fed_sums_levels(levels.baseAddress, own.baseAddress, own.count)
                        initialized = own.count
                    }
                    try levels.withUnsafeBufferPointer { (levels) throws(CodecError) in
                        try emit(.levels(levels, step: steps[tensor], at: offset))
                    }
                } else {
                    let values = [Float](unsafeUninitializedCapacity: own.count) { values, initialized in
                        fed_sums_values(values.baseAddress, own.baseAddress, own.count, steps[tensor])
                        initialized = own.count
                    }
                    try values.emit(at: offset, emit)
                }
            }
        }
        remaining -= sums.count
        stage = .kind
    }
}
