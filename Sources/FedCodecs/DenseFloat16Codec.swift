// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// Every value in 16 bits, IEEE 754 binary16, rounded to nearest with ties to even.
///
/// A value that rounds beyond ±65504 is refused rather than made smaller: a change of that size is a run gone wrong.
/// Bytes: the header, then each value as a little-endian binary16 in layout order
/// (`protocols/codecs/dense-float16.md`).
public struct DenseFloat16Codec: GradientCodec {
    /// From this magnitude on, a value rounds to infinity.
    static let bound: Float = 65520

    /// The codec; it has no options.
    public init() {}

    public var id: CodecID { CodecID("dense-float16") }

    public var wireNumber: UInt8 { 2 }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        let count = update.values.count
        let magnitude = update.values.withUnsafeBufferPointer { fed_max_magnitude($0.baseAddress, $0.count) }
        guard magnitude.isFinite else { throw FiniteCheck.error }
        guard magnitude < Self.bound else {
            throw CodecError(
                .valueOutOfRange, "the update holds a value beyond ±65504: use the codec dense-float32")
        }
        let halves = [UInt16](unsafeUninitializedCapacity: count) { halves, initialized in
            update.values.withUnsafeBufferPointer { fed_half_encode(halves.baseAddress, $0.baseAddress, count) }
            initialized = count
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(maximumEncodedCount(layout: update.layout))
        PayloadHeader.append(to: &payload, wireNumber: wireNumber)
        #if _endian(little)
            halves.withUnsafeBytes { payload.append(contentsOf: $0) }
        #else
            for half in halves { payload.append(contentsOf: [UInt8(half & 0xFF), UInt8(half >> 8)]) }
        #endif
        return payload
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader { Reader(count: layout.count) }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { maximumEncodedCount(layout: layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int {
        PayloadHeader.count + MemoryLayout<UInt16>.size * layout.count
    }

    private struct Reader: PayloadReader {
        /// The most values that one part holds.
        static let chunk = 32_768

        let count: Int
        var readHeader = false
        var done = 0

        var nextPartCount: Int {
            readHeader ? MemoryLayout<UInt16>.size * min(count - done, Self.chunk) : PayloadHeader.count
        }

        mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
            guard readHeader else {
                _ = try PayloadHeader.read(part, wireNumber: 2)
                return readHeader = true
            }
            let count = part.count / 2
            let halves = (0..<count).map {
                UInt16(littleEndian: part.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))
            }
            guard halves.withUnsafeBufferPointer({ fed_half_largest($0.baseAddress, count) }) < 0x7C00 else {
                throw FiniteCheck.error
            }
            let values = [Float](unsafeUninitializedCapacity: count) { values, initialized in
                halves.withUnsafeBufferPointer { fed_half_decode(values.baseAddress, $0.baseAddress, count) }
                initialized = count
            }
            try values.emit(at: done, emit)
            done += count
        }
    }
}
