// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// Entries drawn at random, the same on both sides: of each unit as many as it keeps, every choice equally likely.
///
/// Of a unit of m entries that keeps k, the smaller of k and m - k are drawn one by one, uniformly, anew where one was drawn
/// before; they are those kept, or else those left out.
package struct RandomPositions {
    /// A unit that has been drawn and not been read to its end.
    private struct OpenUnit {
        /// Its positions, ascending: four bytes each.
        let positions: [UInt32]
        /// How many of them were read.
        var done = 0
        /// How many of the unit's entries are in tensors that were read.
        var offset = 0
    }

    private let plan: SparsePlan
    private let root: SeededGenerator
    /// By their numbers, at most two: that of the tensor that is being read, and that of all small tensors.
    private var open: [Int: OpenUnit] = [:]
    /// The coded tensor that is being read, and its first entry in the stream of coded entries.
    private var tensor = 0
    private var start = 0
    private var nextEntry = 0

    /// The positions of each unit that `seed` names, ascending.
    static func ofUnits(_ plan: SparsePlan, seed: UInt64) -> [[UInt32]] {
        let root = SeededGenerator(key: seed)
        return plan.units.indices.map { draw($0, of: plan, root) }
    }

    /// The positions that `seed` names, in the order of the stream; a unit is drawn when its first one is read.
    init(_ plan: SparsePlan, seed: UInt64) {
        self.plan = plan
        root = SeededGenerator(key: seed)
    }

    /// The positions of a payload of `spec`; throws `CodecError.invalidOption`.
    package init(_ layout: ModelLayout, _ spec: CodecSpec, seed: UInt64) throws(CodecError) {
        self.init(SparsePlan(layout, try SparseOptions(spec)), seed: seed)
    }

    /// How many positions there are in all.
    package var count: Int { plan.kept }

    /// How many positions are in memory.
    package var heldCount: Int { open.values.reduce(0) { $0 + $1.positions.count } }

    /// The next `count` positions, of which there must be as many, from the entry after the last one on.
    package mutating func next(_ count: Int) -> [UInt32] {
        let first = nextEntry
        var block: [UInt32] = []
        block.reserveCapacity(count)
        while block.count < count {
            let number = plan.unitOfTensor[tensor]
            var unit = open.removeValue(forKey: number) ?? OpenUnit(positions: Self.draw(number, of: plan, root))
            let end = unit.offset + plan.sections.coded[tensor].count
            let shift = start - unit.offset - first
            while unit.done < unit.positions.count, Int(unit.positions[unit.done]) < end, block.count < count {
                block.append(UInt32(Int(unit.positions[unit.done]) + shift))
                unit.done += 1
            }
            let isRead = unit.done == unit.positions.count || Int(unit.positions[unit.done]) >= end
            if isRead {
                start += end - unit.offset
                unit.offset = end
                tensor += 1
            }
            if unit.done < unit.positions.count || unit.offset < plan.units[number].count { open[number] = unit }
        }
        if let last = block.last { nextEntry = first + Int(last) + 1 }
        return block
    }

    private static func draw(_ unit: Int, of plan: SparsePlan, _ root: SeededGenerator) -> [UInt32] {
        draw(plan.units[unit].kept, of: plan.units[unit].count, root.stream("random-k", UInt64(unit)))
    }

    private static func draw(_ kept: Int, of count: Int, _ generator: SeededGenerator) -> [UInt32] {
        var generator = generator
        let isInverse = kept > count - kept
        let marked = isInverse ? count - kept : kept
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        var done = 0
        while done < marked {
            let index = generator.nextIndex(below: count)
            let bit: UInt64 = 1 << UInt64(index % 64)
            if words[index / 64] & bit == 0 {
                words[index / 64] |= bit
                done += 1
            }
        }
        var positions: [UInt32] = []
        positions.reserveCapacity(kept)
        for (index, word) in words.enumerated() {
            var bits = isInverse ? ~word : word
            if isInverse, index == words.count - 1, count % 64 != 0 { bits &= (1 << UInt64(count % 64)) - 1 }
            while bits != 0 {
                positions.append(UInt32(64 * index + bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        return positions
    }
}
