// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What a sparse codec's payload is made of.
///
/// The parts in this order: the header; 8 bytes that name random positions; a scale for each unit; exact tensors; and then for each
/// block of kept entries their positions and what says their values.
struct SparseFormat: Equatable, Sendable {
    /// Where kept entries are.
    enum Positions: Equatable, Sendable {
        /// Written down.
        case listed
        /// Drawn at random on both sides.
        case drawn
    }

    /// What the values are multiples of.
    enum Scales: Equatable, Sendable {
        /// Values are not multiples.
        case none
        /// A scale of either sign for each unit.
        case signed
        /// A scale for each unit that is not negative.
        case unsigned
    }

    /// What is written for each kept entry.
    enum Values: Equatable, Sendable {
        /// Nothing: it is the scale.
        case none
        /// One bit, 1 for minus.
        case signs
        /// A float32.
        case float32
        /// A binary16.
        case float16

        /// The bytes of so many values.
        func byteCount(_ count: Int) -> Int {
            switch self {
            case .none: 0
            case .signs: (count + 7) / 8
            case .float32: 4 * count
            case .float16: 2 * count
            }
        }
    }

    /// The version of the payload.
    static let version: UInt8 = 2
    /// The bytes that name random positions.
    static let seedCount = 8

    /// The codec's number.
    var wireNumber: UInt8
    var positions = Positions.listed
    var scales = Scales.none
    var values = Values.none

    /// The bytes before the first block.
    func fixedCount(_ plan: SparsePlan) -> Int {
        PayloadHeader.count + (positions == .drawn ? Self.seedCount : 0) + (scales == .none ? 0 : 4 * plan.units.count)
            + 4 * plan.sections.exactCount
    }

    /// No payload has fewer bytes.
    func minimumCount(_ plan: SparsePlan) -> Int {
        var total = fixedCount(plan)
        let (full, rest) = plan.kept.quotientAndRemainder(dividingBy: GapBlock.capacity)
        for (blocks, count) in [(full, GapBlock.capacity), (1, rest)] where count > 0 {
            total += blocks * (values.byteCount(count) + (positions == .listed ? GapBlock.minimumCount(count) : 0))
        }
        return total
    }

    /// No payload has more bytes.
    func maximumCount(_ plan: SparsePlan) -> Int {
        var total = minimumCount(plan)
        guard positions == .listed, plan.kept > 0 else { return total }
        let blocks = (plan.kept + GapBlock.capacity - 1) / GapBlock.capacity
        // One parameter for all blocks, and a byte each for what is left over of the last.
        total += blocks * (GapBlock.headCount + 1)
        return total + GapBlock.maximumBodyCount(plan.kept, range: plan.sections.codedCount)
    }
}
