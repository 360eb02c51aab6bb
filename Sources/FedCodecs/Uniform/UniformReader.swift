// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Reads a payload of uniform levels: header, scales, exact tensors, levels.
struct UniformReader: PayloadReader {
    /// The most levels that one part holds: whole blocks.
    private static let partLevels = 64 * Int(FED_UNIFORM_BLOCK)

    private let sections: UpdateSections
    private let bits: Int
    private var readHeader = false
    private var scales: [Float]?
    private var exact: ExactReader
    /// Levels read so far.
    private var done = 0
    private var cursor: TensorCursor

    init(_ sections: UpdateSections, bits: Int) {
        self.sections = sections
        self.bits = bits
        exact = ExactReader(sections.exact)
        cursor = TensorCursor(sections.coded)
        if sections.coded.isEmpty { scales = [] }
    }

    var nextPartCount: Int {
        if !readHeader { return PayloadHeader.count }
        if scales == nil { return 4 * sections.coded.count }
        if exact.nextPartCount > 0 { return exact.nextPartCount }
        return (min(Self.partLevels, sections.codedCount - done) * bits + 7) / 8
    }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        if !readHeader {
            _ = try PayloadHeader.read(part, wireNumber: 6, version: 2)
            readHeader = true
        } else if let scales {
            if exact.nextPartCount > 0 { return try exact.read(part, emit) }
            try readLevels(part, scales, emit)
        } else {
            scales = try TensorScale.read(part, largest: UniformScales.largest)
        }
    }

    private mutating func readLevels(
        _ part: UnsafeRawBufferPointer, _ scales: [Float], _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        let largest = (1 << (bits - 1)) - 1
        let count = min(Self.partLevels, sections.codedCount - done)
        let levels = try unpack(part, count: count)
        let lowest = levels.withUnsafeBufferPointer { fed_uniform_lowest($0.baseAddress, $0.count) }
        guard Int(lowest) >= -largest else {
            throw CodecError(.invalidLevel, "a level of the payload is below the lowest of \(bits) bits")
        }
        done += count
        try cursor.advance(count) { (slice, tensor, at) throws(CodecError) in
            let step = scales[tensor] / Float(largest)
            var failure: CodecError?
            levels.withUnsafeBufferPointer { levels in
                do throws(CodecError) {
                    try emit(.levels(UnsafeBufferPointer(rebasing: levels[slice]), step: step, at: at))
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    /// The next `count` levels; throws `CodecError.invalidPadding` unless what is left over of the last block is zero.
    private func unpack(_ part: UnsafeRawBufferPointer, count: Int) throws(CodecError) -> [Int8] {
        // A last block of r levels and m bytes has the places 0 ..< m·8/b, place i in byte i mod m; those from r on are padding.
        let rest = count % Int(FED_UNIFORM_BLOCK)
        let width = (rest * bits + 7) / 8
        for index in rest..<width * 8 / bits {
            let byte = part[part.count - width + index % width]
            guard byte >> UInt8(index / width * bits) & UInt8((1 << bits) - 1) == 0 else {
                throw CodecError(.invalidPadding, "the padding after the last level is not zero")
            }
        }
        return [Int8](unsafeUninitializedCapacity: count) { levels, initialized in
            part.withMemoryRebound(to: UInt8.self) {
                fed_uniform_unpack(levels.baseAddress, $0.baseAddress, count, UInt32(bits))
            }
            initialized = count
        }
    }
}
