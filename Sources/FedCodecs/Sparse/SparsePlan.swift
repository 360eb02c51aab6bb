// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// What the layout and the specification decide about a sparse payload: which entries are ranked together, and how many of them
/// are kept.
///
/// A tensor of `ownUnit` entries or more is a unit of its own; smaller ones form one unit together, the last, so that ten
/// entries cost no scale. Of a unit of m entries max(1, round(density · m)) are kept. Whatever their unit, kept entries travel
/// in layout order.
struct SparsePlan {
    /// Entries that are ranked together.
    struct Unit: Equatable {
        /// Its tensors, as indices of the coded ones, in layout order.
        var tensors: [Int]
        /// The entries of its tensors.
        var count: Int
        /// How many are kept.
        var kept: Int
    }

    /// Smaller tensors are ranked together.
    static let ownUnit = 4096

    /// The exact and the coded tensors.
    let sections: UpdateSections
    /// The units, those of one tensor first, in layout order.
    let units: [Unit]
    /// The unit of each coded tensor.
    let unitOfTensor: [Int]
    /// How many entries are kept in all.
    let kept: Int
    /// Whether positions are entropy-coded where that makes them smaller.
    let entropy: CodecSpec.Entropy

    /// Divides the tensors of a layout.
    init(_ layout: ModelLayout, _ options: SparseOptions) {
        sections = UpdateSections(layout, options.spec)
        entropy = options.spec.entropy ?? .auto
        var units: [Unit] = []
        var small = Unit(tensors: [], count: 0, kept: 0)
        var unitOfTensor = [Int](repeating: 0, count: sections.coded.count)
        for (tensor, range) in sections.coded.enumerated() {
            if range.count >= Self.ownUnit {
                unitOfTensor[tensor] = units.count
                units.append(Unit(tensors: [tensor], count: range.count, kept: options.kept(of: range.count)))
            } else {
                small.tensors.append(tensor)
                small.count += range.count
            }
        }
        if small.count > 0 {
            for tensor in small.tensors { unitOfTensor[tensor] = units.count }
            small.kept = options.kept(of: small.count)
            units.append(small)
        }
        self.units = units
        self.unitOfTensor = unitOfTensor
        kept = units.reduce(0) { $0 + $1.kept }
    }

    /// Calls `body` with the entries of a unit, one after the other.
    func withEntries<Result>(
        of unit: Int, in values: UnsafeBufferPointer<Float>,
        _ body: (UnsafeBufferPointer<Float>) throws(CodecError) -> Result
    ) throws(CodecError) -> Result {
        let tensors = units[unit].tensors.map { sections.coded[$0] }
        if tensors.count == 1 { return try body(UnsafeBufferPointer(rebasing: values[tensors[0]])) }
        var gathered: [Float] = []
        gathered.reserveCapacity(units[unit].count)
        for tensor in tensors { gathered.append(contentsOf: values[tensor]) }
        return try gathered.withUnsafeBufferPointer(body)
    }

    /// Calls `body` for every coded tensor in layout order with its first entry in the stream of coded entries, its unit, the part
    /// of the unit's `positions` that lies in the tensor, and what to take off these to have places in the tensor.
    func forEachTensor(
        positions: [[UInt32]],
        _ body: (_ start: Int, _ unit: Int, _ slice: Range<Int>, _ offset: Int) -> Void
    ) {
        var done = [Int](repeating: 0, count: units.count)
        var offsets = done
        var start = 0
        for (tensor, range) in sections.coded.enumerated() {
            let unit = unitOfTensor[tensor]
            let offset = offsets[unit]
            let first = done[unit]
            var last = positions[unit].count
            if units[unit].tensors.count > 1 {
                last = first
                while last < positions[unit].count, Int(positions[unit][last]) < offset + range.count { last += 1 }
            }
            body(start, unit, first..<last, offset)
            done[unit] = last
            offsets[unit] += range.count
            start += range.count
        }
    }
}
