// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Entries drawn at random, the same on both sides: of each unit as many as it keeps, every choice equally likely.
///
/// Of a unit of m entries that keeps k, the smaller of k and m - k are drawn one by one, uniformly, anew where one was drawn
/// before; they are those kept, or else those left out.
struct RandomPositions {
    /// All positions in the stream of coded entries, ascending.
    private let places: [UInt32]
    private var done = 0
    private var nextEntry = 0

    /// The positions of each unit that `seed` names, ascending.
    static func ofUnits(_ plan: SparsePlan, seed: UInt64) -> [[UInt32]] {
        let root = SeededGenerator(key: seed)
        return plan.units.enumerated().map { index, unit in
            draw(unit.kept, of: unit.count, root.stream("random-k", UInt64(index)))
        }
    }

    /// Draws the positions that `seed` names: four bytes each.
    init(_ plan: SparsePlan, seed: UInt64) {
        let ofUnit = Self.ofUnits(plan, seed: seed)
        var places: [UInt32] = []
        places.reserveCapacity(plan.kept)
        plan.forEachTensor(positions: ofUnit) { start, unit, slice, offset in
            for position in ofUnit[unit][slice] { places.append(UInt32(Int(position) + start - offset)) }
        }
        self.places = places
    }

    /// The next `count` positions, from the entry after the last one on.
    mutating func next(_ count: Int) -> [UInt32] {
        let block = places[done..<done + count]
        let start = UInt32(nextEntry)
        done += count
        if let last = block.last { nextEntry = Int(last) + 1 }
        return block.map { $0 - start }
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
