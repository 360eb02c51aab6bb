// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Blocks of values as planes of bytes: the first bytes of all values, the second bytes, and so on.
///
/// A plane stands as it is or as a zstd frame, whichever is shorter. In changes of a model, signs and exponents vary little and
/// compress well, the lower bytes of mantissas hardly ever (`protocols/codecs/README.md`).
struct BytePlanes {
    /// Values in a full block: a part of a payload stays below 128 KiB.
    static let blockCount = 32_768

    /// Bytes a value, and planes a block: 2 or 4.
    let width: Int

    /// The bytes of the lengths that stand before a block's planes.
    var lengthsCount: Int { 4 * width }

    /// Blocks of values with `width` bytes each.
    init(width: Int) {
        precondition(width == 2 || width == 4, "two or four bytes a value")
        self.width = width
    }

    /// No payload of `count` values has fewer bytes: a plane has at least one.
    func minimumEncodedCount(of count: Int) -> Int {
        (count + Self.blockCount - 1) / Self.blockCount * (lengthsCount + width)
    }

    /// Appends a block of at most `blockCount` values.
    func append(_ block: UnsafeRawBufferPointer, to payload: inout [UInt8], with compressor: ZstandardCompressor) {
        let count = block.count / width
        let planes = [UInt8](unsafeUninitializedCapacity: block.count) { planes, initialized in
            block.withMemoryRebound(to: UInt8.self) {
                fed_planes_split(planes.baseAddress, $0.baseAddress, count, UInt32(width))
            }
            initialized = block.count
        }
        var lengths: [UInt32] = []
        var content: [UInt8] = []
        for index in 0..<width {
            let plane = planes[index * count..<(index + 1) * count]
            // One byte less than the plane: a frame that does not fit would not be shorter.
            let frame = [UInt8](unsafeUninitializedCapacity: count - 1) { frame, initialized in
                let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: frame[..<(count - 1)]))
                initialized = plane.withUnsafeBytes { compressor.compress($0, into: target) } ?? 0
            }
            content.append(contentsOf: frame.isEmpty ? plane : frame[...])
            lengths.append(UInt32(frame.isEmpty ? count : frame.count))
        }
        for length in lengths { withUnsafeBytes(of: length.littleEndian) { payload.append(contentsOf: $0) } }
        payload.append(contentsOf: content)
    }

    /// The lengths of the planes of a block of `count` values; throws `CodecError.invalidBlock` for impossible ones.
    func readLengths(_ part: UnsafeRawBufferPointer, count: Int) throws(CodecError) -> [Int] {
        precondition(part.count == lengthsCount, "a length for each plane")
        let lengths = (0..<width).map {
            Int(UInt32(littleEndian: part.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
        guard lengths.allSatisfy({ (1...count).contains($0) }) else {
            throw CodecError(.invalidBlock, "a plane of a block is empty or has more bytes than the block has values")
        }
        return lengths
    }

    /// The bytes of a block of `count` values, from planes that have these lengths; throws `CodecError.invalidBlock`.
    func readBlock(
        _ part: UnsafeRawBufferPointer, lengths: [Int], count: Int, with decompressor: ZstandardDecompressor
    ) throws(CodecError) -> [UInt8] {
        precondition(part.count == lengths.reduce(0, +), "as many bytes as the lengths say")
        var planes = [UInt8](repeating: 0, count: width * count)
        var offset = 0
        for (index, length) in lengths.enumerated() {
            let source = UnsafeRawBufferPointer(rebasing: part[offset..<offset + length])
            offset += length
            var failure: CodecError?
            planes.withUnsafeMutableBytes { planes in
                let target = UnsafeMutableRawBufferPointer(rebasing: planes[index * count..<(index + 1) * count])
                guard length < count else { return target.copyMemory(from: source) }
                do throws(CodecError) {
                    try decompressor.decompress(source, into: target)
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
        return [UInt8](unsafeUninitializedCapacity: planes.count) { bytes, initialized in
            planes.withUnsafeBufferPointer {
                fed_planes_join(bytes.baseAddress, $0.baseAddress, count, UInt32(width))
            }
            initialized = planes.count
        }
    }
}
