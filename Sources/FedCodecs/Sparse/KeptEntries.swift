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
    private var tensor = 0
    /// The tensor's first entry in the stream.
    private var start = 0

    init(_ plan: SparsePlan) {
        self.plan = plan
        remaining = plan.kept
        counts = [Int](repeating: 0, count: plan.units.count)
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
        var values = values.isEmpty ? [Float](repeating: 1, count: positions.count) : values
        var failure: CodecError?
        values.withUnsafeMutableBufferPointer { values in
            positions.withUnsafeBufferPointer { positions in
                do throws(CodecError) { try self.emit(positions, values, emit) } catch { failure = error }
            }
        }
        if let failure { throw failure }
        next += Int(last) + 1
        remaining -= positions.count
    }

    private mutating func emit(
        _ positions: UnsafeBufferPointer<UInt32>, _ values: UnsafeMutableBufferPointer<Float>,
        _ emit: UpdatePieceHandler
    ) throws(CodecError) {
        var first = 0
        while first < positions.count {
            while next + Int(positions[first]) >= start + plan.sections.coded[tensor].count {
                start += plan.sections.coded[tensor].count
                tensor += 1
            }
            let segment = plan.sections.coded[tensor]
            let slice = first..<positions.firstIndex(from: first, notBelow: start + segment.count - next)
            let unit = plan.unitOfTensor[tensor]
            counts[unit] += slice.count
            guard counts[unit] <= plan.units[unit].kept else {
                throw CodecError(.invalidBlock, "the payload keeps more entries of a tensor than its density allows")
            }
            let own = UnsafeMutableBufferPointer(rebasing: values[slice])
            if !scales.isEmpty {
                let scale = scales[unit]
                for index in own.indices { own[index] *= scale }
            }
            // A coded tensor lies in the layout where it does in the stream, or after that.
            try emit(
                .sparse(
                    positions: UnsafeBufferPointer(rebasing: positions[slice]), values: UnsafeBufferPointer(own),
                    at: segment.lowerBound - start + next))
            first = slice.upperBound
        }
    }
}
