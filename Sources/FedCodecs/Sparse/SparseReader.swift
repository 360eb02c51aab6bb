// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Reads a sparse payload, all codecs alike: what `SparseWriter` wrote.
struct SparseReader: PayloadReader {
    private enum Stage {
        case header
        case seed
        case scales
        case exact
        case head
        case positions(GapBlock)
        case values
    }

    private let format: SparseFormat
    private let plan: SparsePlan
    private var stage = Stage.header
    private var exact: ExactReader
    private var kept: KeptEntries
    /// The positions of the block whose values come next, from the entry `kept.next` of the stream on.
    private var positions: [UInt32] = []
    /// What names the positions, where these are drawn.
    private var seed: UInt64 = 0
    /// The drawn positions, made unit by unit when values have come: a seed alone must not cost much.
    private var drawn: RandomPositions?

    init(_ format: SparseFormat, _ plan: SparsePlan) {
        self.format = format
        self.plan = plan
        exact = ExactReader(plan.sections.exact)
        kept = KeptEntries(plan)
    }

    /// The entries of the block that is being read.
    private var blockCount: Int { min(kept.remaining, GapBlock.capacity) }

    var nextPartCount: Int {
        switch stage {
        case .header: PayloadHeader.count
        case .seed: SparseFormat.seedCount
        case .scales: 4 * plan.units.count
        case .exact: exact.nextPartCount
        case .head: kept.remaining > 0 ? GapBlock.headCount : 0
        case .positions(let block): block.bodyCount
        case .values: format.values.byteCount(blockCount)
        }
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        switch stage {
        case .header:
            _ = try PayloadHeader.read(part, wireNumber: format.wireNumber, version: SparseFormat.version)
            stage = format.positions == .drawn ? .seed : .scales
        case .seed:
            seed = part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
            stage = .scales
        case .scales:
            try readScales(part)
            stage = .exact
        case .exact:
            try exact.read(part, emit)
        case .head:
            stage = .positions(try GapBlock(head: part, count: blockCount, range: kept.range))
        case .positions(let block):
            positions = try block.positions(part, count: blockCount, range: kept.range)
            stage = .values
            if format.values == .none { try emitBlock([], emit) }
        case .values:
            let values = try SparseValues.read(part, format.values, count: blockCount)
            if format.positions == .drawn { positions = drawPositions() }
            try emitBlock(values, emit)
        }
        skipWhatIsEmpty()
    }

    /// Goes on to a stage that has bytes, or to the end.
    private mutating func skipWhatIsEmpty() {
        if case .scales = stage, format.scales == .none || plan.units.isEmpty { stage = .exact }
        if case .exact = stage, exact.nextPartCount == 0 { stage = .head }
        if case .head = stage, format.positions == .drawn { stage = .values }
    }

    /// The positions of the next block.
    private mutating func drawPositions() -> [UInt32] {
        var drawn = self.drawn.take() ?? RandomPositions(plan, seed: seed)
        let positions = drawn.next(blockCount)
        self.drawn = drawn
        return positions
    }

    private mutating func readScales(_ part: UnsafeRawBufferPointer) throws(CodecError) {
        let count = plan.units.count
        let scales = [Float](unsafeUninitializedCapacity: count) { scales, initialized in
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: scales[..<count]), from: part, at: 0)
            initialized = count
        }
        for scale in scales {
            guard scale.isFinite, scale.sign == .plus || (format.scales == .signed && scale != 0) else {
                throw CodecError(.invalidScale, "a scale of the payload is not one that an encoder writes")
            }
        }
        kept.scales = scales
    }

    /// Hands a block on; `values` are empty where the scale is all, and signs where the scale is the magnitude.
    private mutating func emitBlock(_ values: [Float], _ emit: UpdatePieceHandler) throws(CodecError) {
        try kept.emit(positions, values, emit)
        stage = .head
    }
}
