// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Exactly so many entries of a unit, chosen for their size; of equal ones the first.
struct Selection {
    /// Where they are, ascending.
    var positions: [UInt32]
    /// What they are.
    var values: [Float]
    /// Their sum, or that of their magnitudes, in double precision.
    var sum: Double

    /// The `kept` largest entries, or the `kept` most negative ones where these weigh more: step 3 of sparse binary compression.
    ///
    /// Throws `CodecError.nonFiniteValue`.
    static func ofHeavierTail(_ values: UnsafeBufferPointer<Float>, kept: Int) throws(CodecError) -> Selection {
        try check(values)
        let up = SelectionRoom(values.count, kept: kept)
        let down = SelectionRoom(values.count, kept: kept)
        var (largest, smallest) = (up.selection, down.selection)
        guard fed_select_tails(values.baseAddress, values.count, kept, &largest, &smallest) else {
            throw FiniteCheck.error
        }
        // As many on each side: comparing sums is comparing means.
        if largest.sum >= smallest.sum { return up.taken(kept, sum: largest.sum) }
        return down.taken(kept, sum: -smallest.sum)
    }

    /// The `kept` entries of largest magnitude; `sum` is that of the magnitudes. Throws `CodecError.nonFiniteValue`.
    static func ofMagnitudes(_ values: UnsafeBufferPointer<Float>, kept: Int) throws(CodecError) -> Selection {
        try check(values)
        let room = SelectionRoom(values.count, kept: kept)
        var selection = room.selection
        guard fed_select_magnitudes(values.baseAddress, values.count, kept, &selection) else {
            throw FiniteCheck.error
        }
        return room.taken(kept, sum: selection.sum)
    }

    private static func check(_ values: UnsafeBufferPointer<Float>) throws(CodecError) {
        guard values.count <= UInt32.max else {
            throw CodecError(.valueOutOfRange, "sparse codecs take tensors of fewer than 2^32 entries")
        }
    }
}

/// The memory that a selection is made in.
private struct SelectionRoom: ~Copyable {
    private let positions: UnsafeMutableBufferPointer<UInt32>
    private let values: UnsafeMutableBufferPointer<Float>

    init(_ count: Int, kept: Int) {
        let room = fed_select_room(count, kept)
        positions = .allocate(capacity: room)
        values = .allocate(capacity: room)
    }

    /// What the kernels fill.
    var selection: fed_selection {
        fed_selection(positions: positions.baseAddress, values: values.baseAddress, room: positions.count, sum: 0)
    }

    /// The first `kept` entries, which a kernel has written.
    func taken(_ kept: Int, sum: Double) -> Selection {
        Selection(
            positions: Array(UnsafeBufferPointer(rebasing: positions[..<kept])),
            values: Array(UnsafeBufferPointer(rebasing: values[..<kept])), sum: sum)
    }

    deinit {
        positions.deallocate()
        values.deallocate()
    }
}
