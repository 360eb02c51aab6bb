// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Reads a ternary payload: header, scales, exact tensors, and then for each block, or run of sparse blocks, its kind, what
/// says how it is coded, and bytes.
struct TernaryReader: PayloadReader {
    /// Trits that are handed on at a time: whole packed blocks, small enough for the first-level cache.
    private static let chunk = 10_240

    private enum Stage {
        case header
        case scales
        case exact
        case kind
        case model
        case packed
        case coded(TritModel, length: Int)
        case run
        case gaps(SparseRun.Head)
        case positions(SparseRun.Head, GapBlock)
        case signs(SparseRun.Head, positions: [UInt32])
    }

    private let sections: UpdateSections
    private let expected: [Float]?
    private var stage = Stage.header
    private var scales: [Float] = []
    /// Whether the payload's version has runs of blocks.
    private var hasRuns = false
    private var exact: ExactReader
    private var cursor: TensorCursor
    /// Trits that were not read yet.
    private var remaining: Int

    /// Reads a payload, which must have the scales `expected` where these are given.
    init(_ sections: UpdateSections, expecting expected: [Float]?) {
        self.sections = sections
        self.expected = expected
        exact = ExactReader(sections.exact)
        cursor = TensorCursor(sections.coded)
        remaining = sections.codedCount
    }

    /// Trits of the block that is being read.
    private var blockCount: Int { min(remaining, TritBlock.capacity) }

    var nextPartCount: Int {
        switch stage {
        case .header: PayloadHeader.count
        case .scales: 4 * sections.coded.count
        case .exact: exact.nextPartCount
        case .kind: min(remaining, 1)
        case .model: TritBlock.codedHeaderCount
        case .packed: TritBlock.packedCount(blockCount)
        case .coded(_, let length): length
        case .run: SparseRun.headCount
        case .gaps: GapBlock.headCount
        case .positions(_, let block): block.bodyCount
        case .signs(let run, _): SparseFormat.Values.signs.byteCount(run.count)
        }
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        switch stage {
        case .header:
            _ = try PayloadHeader.read(
                part, wireNumber: 3, version: TernaryCodec.version, oldest: TernaryCodec.oldestVersion)
            hasRuns = part[2] > TernaryCodec.oldestVersion
            stage = .scales
        case .scales:
            scales = try TensorScale.read(part)
            guard expected == nil || expected == scales else {
                throw CodecError(.invalidScale, "the payload's scales are not those that the workers share")
            }
            stage = .exact
        case .exact:
            try exact.read(part, emit)
        case .kind:
            switch TritBlock.Kind(rawValue: part[0]) {
            case .packed: stage = .packed
            case .coded: stage = .model
            case .sparse where hasRuns: stage = .run
            case .sparse, nil: throw CodecError(.invalidBlock, "a block of the payload is of no kind that there is")
            }
        case .model:
            stage = try readModel(part)
        case .packed:
            try readPacked(part.bindMemory(to: UInt8.self), emit)
            stage = .kind
        case .coded(let model, let length):
            try readCoded(part.bindMemory(to: UInt8.self), length: length, model, emit)
            stage = .kind
        case .run:
            let run = try SparseRun.Head(part, remaining: remaining)
            stage = .gaps(run)
            if run.count == 0 { try emitRun(run, [], [], emit) }
        case .gaps(let run):
            stage = .positions(run, try GapBlock(head: part, count: run.count, range: run.trits))
        case .positions(let run, let block):
            stage = .signs(run, positions: try block.positions(part, count: run.count, range: run.trits))
        case .signs(let run, let positions):
            try emitRun(run, positions, SparseValues.read(part, .signs, count: run.count), emit)
        }
        skipWhatIsEmpty()
    }

    /// Goes on to a stage that has bytes, or to the end.
    private mutating func skipWhatIsEmpty() {
        if case .scales = stage, sections.coded.isEmpty { stage = .exact }
        if case .exact = stage, exact.nextPartCount == 0 { stage = .kind }
    }

    private func readModel(_ part: UnsafeRawBufferPointer) throws(CodecError) -> Stage {
        let fields = (0..<3).map { UInt16(part[2 * $0]) | UInt16(part[2 * $0 + 1]) << 8 }
        let length = Int(fields[2])
        guard let model = TritModel(minus: fields[0], plus: fields[1]), length >= 4 * Int(FED_RANS_STATES),
            length + TritBlock.codedHeaderCount < TritBlock.packedCount(blockCount)
        else {
            throw CodecError(.invalidBlock, "a coded block has frequencies or a length that no encoder writes")
        }
        return .coded(model, length: length)
    }

    private mutating func readCoded(
        _ bytes: UnsafeBufferPointer<UInt8>, length: Int, _ model: TritModel, _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        let count = TritBlock.packedCount(blockCount)
        var valid = false
        let packed = [UInt8](unsafeUninitializedCapacity: count) { packed, initialized in
            valid = model.withFrequencies {
                fed_rans_decode(packed.baseAddress, count, bytes.baseAddress, length, $0.baseAddress, $0.count)
            }
            initialized = valid ? count : 0
        }
        guard valid else {
            throw CodecError(.invalidBlock, "the bytes of a coded block are not what an encoder writes")
        }
        try packed.withUnsafeBufferPointer { (packed) throws(CodecError) in try readPacked(packed, emit) }
    }

    /// Hands on the trits of a run that are not 0, of the signs ±1.
    private mutating func emitRun(
        _ run: SparseRun.Head, _ positions: [UInt32], _ signs: [Float], _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        let scales = scales
        try cursor.emit(positions, signs, of: run.trits, emit) { (tensor, _) in scales[tensor] }
        remaining -= run.trits
        stage = .kind
    }

    private mutating func readPacked(
        _ bytes: UnsafeBufferPointer<UInt8>, _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        let count = blockCount
        try Self.check(bytes, count: count)
        var trits = [Int8](repeating: 0, count: min(count, Self.chunk))
        try trits.withUnsafeMutableBufferPointer { (trits) throws(CodecError) in
            for start in stride(from: 0, to: count, by: Self.chunk) {
                let number = min(Self.chunk, count - start)
                let packed = UnsafeBufferPointer(rebasing: bytes[start / 5..<TritBlock.packedCount(start + number)])
                fed_ternary_unpack(trits.baseAddress, packed.baseAddress, number)
                let levels = UnsafeBufferPointer(trits)
                try cursor.advance(number) { (stretch, tensor, offset) throws(CodecError) in
                    let own = UnsafeBufferPointer(rebasing: levels[stretch])
                    try emit(.levels(own, step: scales[tensor], at: offset))
                }
            }
        }
        remaining -= count
    }

    /// Throws `CodecError.invalidTrits` or `.invalidPadding` unless every byte is one that an encoder writes.
    private static func check(_ bytes: UnsafeBufferPointer<UInt8>, count: Int) throws(CodecError) {
        guard fed_ternary_largest(bytes.baseAddress, bytes.count) < UInt8(FED_TERNARY_BYTES) else {
            throw CodecError(.invalidTrits, "a byte of the payload does not stand for five trits")
        }
        // A last block of r trits and m bytes has the digits 0 ..< 5m, digit i in byte i mod m; those from r on are
        // padding.
        let rest = count % Int(FED_TERNARY_BLOCK)
        let width = (rest + 4) / 5
        for digit in rest..<5 * width {
            let byte = bytes[bytes.count - width + digit % width]
            let weight = [1, 3, 9, 27, 81][digit / width]
            guard Int(byte) / weight % 3 == 1 else {
                throw CodecError(.invalidPadding, "the padding after the last trit is not zero trits")
            }
        }
    }
}
