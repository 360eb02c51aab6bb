// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Reads a dense payload: the header, then values in parts, or blocks of planes.
struct DenseReader: PayloadReader {
    /// What the next part is.
    private enum Next {
        case header
        case values
        case lengths
        case planes([Int])
    }

    /// The most values that a part of a plain payload holds.
    private static let partCount = 16_384

    private let payload: DensePayload
    private let planes: BytePlanes
    /// The number of values.
    private let count: Int
    /// Values read so far.
    private var done = 0
    private var next = Next.header
    /// Made for the first compressed block.
    private var decompressor: ZstandardDecompressor?

    init(_ payload: DensePayload, count: Int) {
        self.payload = payload
        self.count = count
        planes = BytePlanes(width: payload.format.width)
    }

    var nextPartCount: Int {
        switch next {
        case .header: PayloadHeader.count
        case .values: payload.format.width * min(count - done, Self.partCount)
        case .lengths: done < count ? planes.lengthsCount : 0
        case .planes(let lengths): lengths.reduce(0, +)
        }
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        switch next {
        case .header:
            let flags = try PayloadHeader.read(
                part, wireNumber: payload.format.wireNumber, known: payload.isCompressible ? DensePayload.planesFlag : 0
            )
            next = flags == 0 ? .values : .lengths
        case .values:
            try hand(part, emit)
        case .lengths:
            next = .planes(try planes.readLengths(part, count: blockCount))
        case .planes(let lengths):
            let decompressor = decompressor ?? ZstandardDecompressor()
            self.decompressor = decompressor
            let bytes = try planes.readBlock(part, lengths: lengths, count: blockCount, with: decompressor)
            next = .lengths
            var failure: CodecError?
            bytes.withUnsafeBytes { bytes in
                do throws(CodecError) { try hand(bytes, emit) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    /// Values in the next block.
    private var blockCount: Int { min(count - done, BytePlanes.blockCount) }

    /// Hands on the values that stand plain in `bytes`.
    private mutating func hand(_ bytes: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        let values = try payload.format.values(of: bytes)
        try values.emit(at: done, emit)
        done += values.count
    }
}
