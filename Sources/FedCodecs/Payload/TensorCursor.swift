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
}
