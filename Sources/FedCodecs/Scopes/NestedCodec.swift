// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The change of a narrow network that is nested in a wide one, as a payload of another codec for the narrow one alone.
///
/// Vectors are those of the wide network; what the narrow one lacks is not looked at when a payload is made, and not mentioned by
/// what is read.
public struct NestedCodec: GradientCodec {
    private let codec: any GradientCodec
    private let slice: NestedSlice

    /// The network at `slice`, encoded by `codec`.
    public init(_ codec: any GradientCodec, slice: NestedSlice) {
        self.codec = codec
        self.slice = slice
    }

    public var id: CodecID { codec.id }
    public var wireNumber: UInt8 { codec.wireNumber }

    public func encode(_ update: ParameterVector, generator: SeededGenerator) throws(CodecError) -> [UInt8] {
        if slice.isWhole { return try codec.encode(update, generator: generator) }
        guard let part = try? ParameterVector(layout: slice.layout, values: slice.gathered(from: update.values)) else {
            preconditionFailure("a slice has as many values as its layout counts")
        }
        return try codec.encode(part, generator: generator)
    }

    public func headOfPlainValues(_ update: ParameterVector) throws(CodecError) -> [UInt8]? {
        slice.isWhole ? try codec.headOfPlainValues(update) : nil
    }

    public func makeReader(layout: ModelLayout) -> any PayloadReader {
        precondition(layout.count == slice.fullCount, "the slice is one of this layout")
        let reader = codec.makeReader(layout: slice.layout)
        return slice.isWhole ? reader : NestedReader(reader: reader, slice: slice)
    }

    public func minimumEncodedCount(layout: ModelLayout) -> Int { codec.minimumEncodedCount(layout: slice.layout) }

    public func maximumEncodedCount(layout: ModelLayout) -> Int { codec.maximumEncodedCount(layout: slice.layout) }
}

/// Reads the payload of a narrow network and hands on where its entries lie in the wide one.
private struct NestedReader: PayloadReader {
    var reader: any PayloadReader
    let slice: NestedSlice

    var nextPartCount: Int { reader.nextPartCount }

    mutating func read(_ part: UnsafeRawBufferPointer, _ emit: UpdatePieceHandler) throws(CodecError) {
        let slice = slice
        try reader.read(part) { (piece) throws(CodecError) in try piece.forEachPart(in: slice, emit) }
    }
}

extension UpdatePiece {
    /// Calls `emit` with the same entries, counted in the wide network that `slice` lies in: row by row where they are neighbours.
    fileprivate func forEachPart(in slice: NestedSlice, _ emit: UpdatePieceHandler) throws(CodecError) {
        switch self {
        case .dense(let values, let start):
            try slice.forEachRun(in: start..<start + values.count) { (narrow, full, count) throws(CodecError) in
                let row = values[narrow - start..<narrow - start + count]
                try emit(.dense(UnsafeBufferPointer(rebasing: row), at: full))
            }
        case .levels(let levels, let step, let start):
            try slice.forEachRun(in: start..<start + levels.count) { (narrow, full, count) throws(CodecError) in
                let row = levels[narrow - start..<narrow - start + count]
                try emit(.levels(UnsafeBufferPointer(rebasing: row), step: step, at: full))
            }
        case .sparse(let positions, let values, let start):
            guard let first = positions.first else { return }
            let origin = slice.place(of: start + Int(first))
            // No model has more than 2^32 values, and order is kept.
            let places = positions.map { UInt32(slice.place(of: start + Int($0)) - origin) }
            var failure: CodecError?
            places.withUnsafeBufferPointer { places in
                do throws(CodecError) {
                    try emit(.sparse(positions: places, values: values, at: origin))
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }
}
