// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import NIOCore

/// Bytes to be sent to any number of peers, held once and hashed once.
public struct OutgoingPayload: Sendable {
    /// How many bytes.
    public let byteCount: Int
    /// Their SHA-256: 32 bytes.
    public let sha256: [UInt8]

    /// What the bytes begin with, part after part; the parts are shared with whoever else holds them.
    package let segments: ArraySlice<[UInt8]>
    /// The values that follow, the bytes of which are those in memory: little-endian.
    private let values: [Float]

    /// Keeps `bytes`, at most 2^32 - 1, without a copy, and computes their digest.
    public init(_ bytes: [UInt8]) { self.init(segments: [bytes]) }

    /// The same with the bytes of `values`, little-endian float32, behind `head`; neither is copied.
    public init(_ head: [UInt8], values: [Float]) { self.init(segments: [head], values: values) }

    /// The same of `segments` one after the other, which other payloads may share, and the bytes of `values` behind them.
    public init(segments: [[UInt8]], values: [Float] = []) { self.init(segments: segments[...], values: values) }

    /// The same of a part of a list of segments, which is shared as they are.
    public init(segments: ArraySlice<[UInt8]>, values: [Float] = []) {
        byteCount = segments.reduce(0) { $0 + $1.count } + values.count * MemoryLayout<Float>.size
        precondition(byteCount < Int(UInt32.max), "a payload has less than 4 GiB")
        precondition(Int(littleEndian: 1) == 1, "values lie in memory as they travel")
        var hash = SHA256()
        for segment in segments { segment.withUnsafeBytes { hash.update(bufferPointer: $0) } }
        values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        sha256 = [UInt8](hash.finalize())
        self.segments = segments
        self.values = values
    }

    /// A copy of some of the bytes, which are few beside the payload.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(range.count)
        var start = 0
        for segment in segments {
            let end = start + segment.count
            // There may be thousands, of which a slice has few.
            if end > range.lowerBound {
                guard start < range.upperBound else { return buffer }
                buffer.writeBytes(segment[Self.part(of: range, from: start).clamped(to: segment.indices)])
            }
            start = end
        }
        let rest = Self.part(of: range, from: start)
        values.withUnsafeBytes { _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[rest])) }
        return buffer
    }

    /// What of `range` lies behind `start`, counted from there.
    private static func part(of range: Range<Int>, from start: Int) -> Range<Int> {
        max(0, range.lowerBound - start)..<max(0, range.upperBound - start)
    }
}
