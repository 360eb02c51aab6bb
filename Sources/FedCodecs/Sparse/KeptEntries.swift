// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Hands kept entries on tensor by tensor, and sees to it that each unit has as many as it must.
struct KeptEntries {
    private let plan: SparsePlan
    /// The scale of each unit, or none.
    var scales: [Float] = []
    /// Entries that are still to come.
    private(set) var remaining: Int
    /// The first entry of the stream of coded entries that may come next.
    private var next = 0
    /// How many came of each unit.
    private var counts: [Int]
    private var cursor: TensorCursor

    init(_ plan: SparsePlan) {
        self.plan = plan
        remaining = plan.kept
        counts = [Int](repeating: 0, count: plan.units.count)
        cursor = TensorCursor(plan.sections.coded)
    }

    /// The entries of the stream that the next block may lie in.
    var range: Int { plan.sections.codedCount - next }

    /// Hands on the entries at `positions`, which ascend from the first that may come and lie in `range`.
    ///
    /// Where there are scales, `values` are their factors, or empty for 1. Throws `CodecError.invalidBlock` where a unit has more
    /// entries than it must.
    mutating func emit(
        _ positions: [UInt32], _ values: [Float], _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        guard let last = positions.last else { return }
        let values = values.isEmpty ? [Float](repeating: 1, count: positions.count) : values
        let (plan, scales) = (plan, scales)
        var counts = counts
        try cursor.emit(positions, values, of: Int(last) + 1, emit) { (tensor, number) throws(CodecError) in
            let unit = plan.unitOfTensor[tensor]
            counts[unit] += number
            guard counts[unit] <= plan.units[unit].kept else {
                throw CodecError(.invalidBlock, "the payload keeps more entries of a tensor than its density allows")
            }
            return scales.isEmpty ? 1 : scales[unit]
        }
        self.counts = counts
        next += Int(last) + 1
        remaining -= positions.count
    }
}
