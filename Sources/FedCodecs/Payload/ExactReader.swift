// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Reads float32 values of some tensors, in parts.
public struct ExactReader {
    /// The most values that one part holds.
    private static let chunk = 16_384

    private var rest: [Range<Int>]

    /// A reader of the values of `tensors`, ranges of the layout in ascending order.
    public init(_ tensors: [Range<Int>]) { rest = tensors.filter { !$0.isEmpty }.reversed() }

    /// The bytes of the next part, 0 when all was read.
    public var nextPartCount: Int { 4 * min(rest.last?.count ?? 0, Self.chunk) }

    /// Reads a part of that many bytes and hands its values on; throws `CodecError.nonFiniteValue`.
    public mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        guard let tensor = rest.popLast() else { preconditionFailure("nothing is left to read") }
        let count = part.count / 4
        if count < tensor.count { rest.append(tensor.lowerBound + count..<tensor.upperBound) }
        let values = [Float](unsafeUninitializedCapacity: count) { values, initialized in
            LittleEndianFloats.read(UnsafeMutableBufferPointer(rebasing: values[..<count]), from: part, at: 0)
            initialized = count
        }
        try FiniteCheck.check(values)
        try values.emit(at: tensor.lowerBound, emit)
    }
}

extension [Float] {
    /// Hands the values on as neighbouring entries from layout offset `start` on.
    func emit(at start: Int, _ emit: UpdatePieceHandler) throws(CodecError) {
        var failure: CodecError?
        withUnsafeBufferPointer { values in
            do throws(CodecError) { try emit(.dense(values, at: start)) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
