// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// A place in the stream of coded entries: which tensor, and where in it.
struct TensorCursor {
    private let tensors: [Range<Int>]
    private var tensor = 0
    private var place = 0

    /// The beginning of the stream that `tensors`, in layout order, make up.
    init(_ tensors: [Range<Int>]) { self.tensors = tensors }

    /// Goes `count` entries on and calls `body` for every stretch of them within one tensor: the stretch, counted from
    /// where the cursor was, the tensor's number and the layout offset of the first entry.
    mutating func advance(
        _ count: Int, _ body: (_ stretch: Range<Int>, _ tensor: Int, _ offset: Int) throws(CodecError) -> Void
    ) throws(CodecError) {
        var start = 0
        while start < count {
            let segment = tensors[tensor]
            let length = min(count - start, segment.count - place)
            if length > 0 { try body(start..<start + length, tensor, segment.lowerBound + place) }
            start += length
            place += length
            if place == segment.count { (tensor, place) = (tensor + 1, 0) }
        }
    }

    /// Goes `count` entries on and hands on those at `positions`, which ascend from where the cursor was and lie below `count`:
    /// for each tensor that has some, their `values` times what `scale` says for that tensor and their number.
    mutating func emit(
        _ positions: [UInt32], _ values: consuming [Float], of count: Int, _ emit: UpdatePieceHandler,
        scale: (_ tensor: Int, _ number: Int) throws(CodecError) -> Float
    ) throws(CodecError) {
        var first = 0
        try positions.withUnsafeBufferPointer { (positions) throws(CodecError) in
            try values.withUnsafeMutableBufferPointer { (values) throws(CodecError) in
                try advance(count) { (stretch, tensor, offset) throws(CodecError) in
                    let slice = first..<positions.firstIndex(from: first, notBelow: stretch.upperBound)
                    first = slice.upperBound
                    guard !slice.isEmpty else { return }
                    let scale = try scale(tensor, slice.count)
                    if scale != 1 { for index in slice { values[index] *= scale } }
                    // A coded tensor lies in the layout where it does in the stream, or after that.
                    try emit(
                        .sparse(
                            positions: UnsafeBufferPointer(rebasing: positions[slice]),
                            values: UnsafeBufferPointer(rebasing: values[slice]), at: offset - stretch.lowerBound))
                }
            }
        }
    }
}
