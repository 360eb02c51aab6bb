// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies

/// Updates in memory, cut into blocks of a chosen width.
struct MemoryBlocks: UpdateBlocks {
    var rows: [[Float]]
    var weights: [Int64]
    var width = 256
    var parameterCount: Int { rows.first?.count ?? 0 }

    func forEachBlock(_ body: (_ entries: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>) -> Void) throws {
        for start in stride(from: 0, to: parameterCount, by: width) {
            let entries = start..<min(start + width, parameterCount)
            var block = rows.flatMap { $0[entries] }
            block.withUnsafeMutableBufferPointer { body(entries, $0) }
        }
    }
}

/// A change of a worker.
struct Contribution {
    var worker: Int
    var change: [Float]
    var weight: Int64 = 1

    /// What `aggregator` makes of changes that arrive in this order.
    static func combined(
        _ aggregator: any Aggregator, _ arrivals: [Contribution], width: Int = 256
    ) throws -> [Float] {
        var aggregation = try aggregator.begin(
            count: arrivals.first?.change.count ?? 0, weightBound: arrivals.reduce(0) { $0 + $1.weight })
        for arrival in arrivals { try aggregation.add(arrival.change, weight: arrival.weight) }
        guard let aggregator = aggregator as? any BlockAggregator else { return aggregation.finish() }
        let ordered = arrivals.sorted { $0.worker < $1.worker }
        return try aggregator.aggregate(
            MemoryBlocks(rows: ordered.map(\.change), weights: ordered.map(\.weight), width: width))
    }

    /// Changes with uniform entries in [-1, 1), or if there are `levels` multiples of 0.25, many of which are equal.
    static func random(_ count: Int, of size: Int, key: UInt64, levels: Bool = false) -> [Contribution] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { worker in
            let weight = Int64(1 + generator.nextIndex(below: 600))
            let change = (0..<size).map { _ -> Float in
                levels ? 0.25 * Float(generator.nextIndex(below: 3)) - 0.25 : 2 * generator.nextUnitFloat() - 1
            }
            return Contribution(worker: worker, change: change, weight: weight)
        }
    }
}
