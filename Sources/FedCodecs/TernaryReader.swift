// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Reads a ternary payload: header, scales, statistics, trits.
struct TernaryReader: PayloadReader {
    /// Bytes of trits in one part: whole blocks.
    private static let partCount = 8192

    private let sections: TernarySections
    private var readHeader = false
    private var scales: [Float]?
    private var exact: ExactReader
    /// Trits read so far.
    private var done = 0
    /// The tensor of the next trit, and the trit's place in it.
    private var tensor = 0
    private var place = 0

    init(_ sections: TernarySections) {
        self.sections = sections
        exact = ExactReader(sections.exact)
        if sections.ternary.isEmpty { scales = [] }
    }

    var nextPartCount: Int {
        if !readHeader { return PayloadHeader.count }
        if scales == nil { return 4 * sections.ternary.count }
        if exact.nextPartCount > 0 { return exact.nextPartCount }
        return min(Self.partCount, (sections.ternaryCount - done + 4) / 5)
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        if !readHeader {
            _ = try PayloadHeader.read(part, wireNumber: 3)
            readHeader = true
        } else if let scales {
            if exact.nextPartCount > 0 { return try exact.read(part, emit) }
            try readTrits(part, scales, emit)
        } else {
            scales = try sections.readScales(part)
        }
    }

    private mutating func readTrits(
        _ part: UnsafeRawBufferPointer, _ scales: [Float], _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        let count = min(5 * Self.partCount, sections.ternaryCount - done)
        try check(part, count: count)
        var trits = [Int8](repeating: 0, count: count)
        trits.withUnsafeMutableBytes { trits in
            let digits = trits.bindMemory(to: UInt8.self)
            fed_ternary_unpack(digits.baseAddress, part.bindMemory(to: UInt8.self).baseAddress, count)
            for index in digits.indices { digits[index] &-= 1 }
        }
        done += count
        var start = 0
        while start < count {
            let segment = sections.ternary[tensor]
            let length = min(count - start, segment.count - place)
            let slice = start..<start + length
            var failure: CodecError?
            trits.withUnsafeBufferPointer { trits in
                let levels = UnsafeBufferPointer(rebasing: trits[slice])
                do throws(CodecError) {
                    try emit(.levels(levels, step: scales[tensor], at: segment.lowerBound + place))
                } catch { failure = error }
            }
            if let failure { throw failure }
            start += length
            place += length
            if place == segment.count { (tensor, place) = (tensor + 1, 0) }
        }
    }

    /// Throws `CodecError.invalidTrits` or `.invalidPadding` unless every byte is one that an encoder writes.
    private func check(_ part: UnsafeRawBufferPointer, count: Int) throws(CodecError) {
        let bytes = part.bindMemory(to: UInt8.self)
        guard fed_ternary_largest(bytes.baseAddress, bytes.count) < 243 else {
            throw CodecError(.invalidTrits, "a byte of the payload does not stand for five trits")
        }
        // A last block of r trits and m bytes has the digits 0 ..< 5m, digit i in byte i mod m; those from r on are padding.
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
