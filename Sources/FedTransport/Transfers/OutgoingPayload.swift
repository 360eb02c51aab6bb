// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
internal import NIOCore

/// Bytes to be sent to any number of peers, held once and hashed once.
public struct OutgoingPayload: Sendable {
    /// How many bytes.
    public var byteCount: Int { head.count + values.count * MemoryLayout<Float>.size }
    /// Their SHA-256: 32 bytes.
    public let sha256: [UInt8]

    private let head: [UInt8]
    /// The values that follow, the bytes of which are those in memory: little-endian.
    private let values: [Float]

    /// Keeps `bytes`, at most 2^32 - 1, without a copy, and computes their digest.
    public init(_ bytes: [UInt8]) { self.init(bytes, values: []) }

    /// The same with the bytes of `values`, little-endian float32, behind `head`; neither is copied.
    public init(_ head: [UInt8], values: [Float]) {
        precondition(
            head.count + values.count * MemoryLayout<Float>.size < Int(UInt32.max), "a payload has less than 4 GiB")
        precondition(Int(littleEndian: 1) == 1, "values lie in memory as they travel")
        var hash = SHA256()
        head.withUnsafeBytes { hash.update(bufferPointer: $0) }
        values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        sha256 = [UInt8](hash.finalize())
        self.head = head
        self.values = values
    }

    /// A copy of some of the bytes, which are few beside the payload.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(range.count)
        buffer.writeBytes(head[range.clamped(to: head.indices)])
        let rest = max(0, range.lowerBound - head.count)..<max(0, range.upperBound - head.count)
        values.withUnsafeBytes { _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[rest])) }
        return buffer
    }
}
