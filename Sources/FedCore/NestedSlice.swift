// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Where the tensors of a narrow network lie in a wider one of the same architecture: each is the top-left corner of the wider one's.
///
/// A tensor has as many dimensions in both, from the third on the same extents, and the first two are no larger in the narrow
/// one (HeteroFL: Diao, Ding and Tarokh, ICLR 2021, section 3). Order is kept: entry i < j of the narrow one lie in this order in
/// the wide one, too.
public struct NestedSlice: Hashable, Sendable {
    /// The layout of the narrow network.
    public let layout: ModelLayout
    /// How many values the wide one has.
    public let fullCount: Int
    /// Stretches of rows of one length at one distance, in order.
    private let blocks: [Block]

    private struct Block: Hashable, Sendable {
        /// Where the block lies in the narrow vector.
        var entries: Range<Int>
        /// Where its first row begins in the wide one.
        var start: Int
        /// Values of a row.
        var length: Int
        /// From the beginning of a row to that of the next one in the wide vector.
        var distance: Int
    }

    /// The place of `narrow` in `full`.
    ///
    /// Throws `CoreError.invalidLayout` unless its tensors are corners of those of `full`, one by one.
    public init(_ narrow: ModelLayout, of full: ModelLayout) throws(CoreError) {
        guard narrow.parameters.count == full.parameters.count else {
            throw CoreError(.invalidLayout, "a narrow network has as many tensors as the wide one")
        }
        var blocks: [Block] = []
        for (index, (part, whole)) in zip(narrow.parameters, full.parameters).enumerated() {
            guard part.name == whole.name, part.role == whole.role, part.shape.count == whole.shape.count,
                zip(part.shape, whole.shape).allSatisfy({ $0 <= $1 }),
                part.shape.dropFirst(2) == whole.shape.dropFirst(2)
            else {
                throw CoreError(.invalidLayout, "tensor \(index) is no corner of the wide network's")
            }
            let rows = part.shape.count > 1 ? part.shape[0] : 1
            var block = Block(
                entries: narrow.segments[index], start: full.segments[index].lowerBound, length: part.count / rows,
                distance: part.shape.count > 1 ? whole.count / whole.shape[0] : part.count)
            if rows == 1 || block.length == block.distance {
                (block.length, block.distance) = (part.count, part.count)
            }
            // Neighbours in both are one row.
            if let last = blocks.last, last.length == last.entries.count, block.length == block.entries.count,
                last.start + last.length == block.start
            {
                let entries = last.entries.lowerBound..<block.entries.upperBound
                block = Block(entries: entries, start: last.start, length: entries.count, distance: entries.count)
                blocks.removeLast()
            }
            blocks.append(block)
        }
        layout = narrow
        fullCount = full.count
        self.blocks = blocks
    }

    /// Whether it is all of the wide network.
    public var isWhole: Bool { layout.count == fullCount }

    /// Calls `body` with what `entries` of the narrow vector are in the wide one, as stretches in order: where each begins in
    /// either, and how many values it has.
    public func forEachRun<Failure: Error>(
        in entries: Range<Int>, _ body: (_ narrow: Int, _ full: Int, _ count: Int) throws(Failure) -> Void
    ) throws(Failure) {
        guard !entries.isEmpty else { return }
        precondition(
            entries.lowerBound >= 0 && entries.upperBound <= layout.count, "the entries are of the narrow network")
        for block in blocks[index(of: entries.lowerBound)...] {
            var entry = max(entries.lowerBound, block.entries.lowerBound)
            let end = min(entries.upperBound, block.entries.upperBound)
            guard entry < end else { return }
            while entry < end {
                let (row, column) = (entry - block.entries.lowerBound).quotientAndRemainder(dividingBy: block.length)
                let count = min(block.length - column, end - entry)
                try body(entry, block.start + row * block.distance + column, count)
                entry += count
            }
        }
    }

    /// The same of all entries.
    public func forEachRun<Failure: Error>(
        _ body: (_ narrow: Int, _ full: Int, _ count: Int) throws(Failure) -> Void
    ) throws(Failure) { try forEachRun(in: 0..<layout.count, body) }

    /// Where entry `narrow` lies in the wide vector.
    public func place(of narrow: Int) -> Int {
        let block = blocks[index(of: narrow)]
        let (row, column) = (narrow - block.entries.lowerBound).quotientAndRemainder(dividingBy: block.length)
        return block.start + row * block.distance + column
    }

    /// The narrow network's values out of those of the wide one.
    public func gathered(from full: [Float]) -> [Float] {
        precondition(full.count == fullCount, "as many values as the wide network has")
        return full.withUnsafeBufferPointer { full in
            [Float](unsafeUninitializedCapacity: layout.count) { values, count in
                forEachRun { narrow, place, length in
                    _ = UnsafeMutableBufferPointer(rebasing: values[narrow..<narrow + length])
                        .initialize(fromContentsOf: full[place..<place + length])
                }
                count = layout.count
            }
        }
    }

    /// Overwrites what the narrow network has of the wide one's values; the others stay.
    public func scatter(_ values: [Float], into full: inout [Float]) {
        precondition(values.count == layout.count && full.count == fullCount, "as many values as either network has")
        full.withUnsafeMutableBufferPointer { full in
            values.withUnsafeBufferPointer { values in
                forEachRun { narrow, place, length in
                    _ = UnsafeMutableBufferPointer(rebasing: full[place..<place + length])
                        .update(fromContentsOf: values[narrow..<narrow + length])
                }
            }
        }
    }

    /// The number of the block that `entry` lies in.
    private func index(of entry: Int) -> Int {
        var (low, high) = (0, blocks.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if blocks[middle].entries.lowerBound <= entry { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
