// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

/// Aggregators that read updates back, against the plainest implementations in double precision.
@Suite struct RobustAggregatorTests {
    /// One entry of all workers after the other.
    private func columns(_ contributions: [Contribution]) -> [[Double]] {
        contributions[0].change.indices.map { index in contributions.map { Double($0.change[index]) } }
    }

    private func expect(_ outcome: [Float], near expected: [Double], within tolerance: Double = 1e-6) {
        #expect(outcome.count == expected.count)
        for (value, reference) in zip(outcome, expected) { #expect(abs(Double(value) - reference) <= tolerance) }
    }

    private func square(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    }

    private func mean(_ rows: [[Float]]) -> [Double] {
        rows[0].indices.map { index in rows.reduce(0) { $0 + Double($1[index]) } / Double(rows.count) }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 10, 20, 33, 200], [false, true])
    func theMedianIsThatOfEachEntry(_ count: Int, _ levels: Bool) throws {
        let contributions = Contribution.random(count, of: 270, key: UInt64(count), levels: levels)
        let expected = columns(contributions).map { column in
            let sorted = column.sorted()
            return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
        }
        expect(try Contribution.combined(MedianAggregator(), contributions), near: expected)
    }

    @Test(arguments: [0, 0.1, 0.2, 0.49, 1, 3], [7, 10, 31])
    func theTrimmedMeanLeavesBothEndsOut(_ trim: Double, _ count: Int) throws {
        let cut = trim < 1 ? Int(trim * Double(count)) : Int(trim)
        let contributions = Contribution.random(count, of: 270, key: 3).map {
            Contribution(worker: $0.worker, change: $0.change)
        }
        let expected = columns(contributions).map { column in
            let kept = column.sorted()[cut..<(count - cut)]
            return kept.reduce(0, +) / Double(kept.count)
        }
        expect(try Contribution.combined(TrimmedMeanAggregator(trim: trim), contributions), near: expected)
    }

    @Test(arguments: [0.1, 0.2, 3], [7, 10, 31])
    func theTrimmedMeanMayBeWeighted(_ trim: Double, _ count: Int) throws {
        let cut = trim < 1 ? Int(trim * Double(count)) : Int(trim)
        let contributions = Contribution.random(count, of: 270, key: 3)
        let expected = contributions[0].change.indices.map { index in
            let kept = contributions.sorted { $0.change[index] < $1.change[index] }[cut..<(count - cut)]
            let total = kept.reduce(0) { $0 + Double($1.weight) }
            return kept.reduce(0) { $0 + Double($1.weight) * Double($1.change[index]) } / total
        }
        expect(try Contribution.combined(TrimmedMeanAggregator(trim: trim), contributions), near: expected)
    }

    /// Of equal entries, some of which go, each counts with their mean weight, whoever they belong to.
    @Test func equalEntriesAreTrimmedAlike() throws {
        let contributions = zip([0, 0, 1, 1, 1] as [Float], [10, 30, 1, 1, 1] as [Int64]).enumerated().map {
            Contribution(worker: $0, change: [$1.0], weight: $1.1)
        }
        // One 0 of weight 20 and two of the ones remain.
        expect(try Contribution.combined(TrimmedMeanAggregator(trim: 1), contributions), near: [2.0 / 22])
        #expect(try Contribution.combined(TrimmedMeanAggregator(trim: 2), contributions) == [1])
    }

    private func krum(_ rows: [[Float]], attackers: Int) -> [Int] {
        let scores = rows.indices.map { row in
            rows.indices.filter { $0 != row }.map { square(rows[row], rows[$0]) }.sorted()
                .prefix(max(1, rows.count - attackers - 2)).reduce(0, +)
        }
        return rows.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    }

    @Test(arguments: [(5, 1), (7, 2), (12, 2), (25, 5)])
    func krumKeepsWhoHasTheNearestNeighbours(_ count: Int, _ attackers: Int) throws {
        let contributions = Contribution.random(count, of: 700, key: 8)
        let rows = contributions.map(\.change)
        let order = krum(rows, attackers: attackers)
        #expect(try Contribution.combined(KrumAggregator(attackers: attackers), contributions) == rows[order[0]])
        let keep = count - attackers - 2
        expect(
            try Contribution.combined(KrumAggregator(attackers: attackers, keeping: nil), contributions),
            near: mean(order.prefix(keep).map { rows[$0] }))
        expect(
            try Contribution.combined(KrumAggregator(attackers: attackers, keeping: 2), contributions),
            near: mean(order.prefix(2).map { rows[$0] }))
    }

    @Test(arguments: [(7, 1), (8, 1), (11, 2), (16, 3), (5, 0)])
    func bulyanIsTheMeanNearTheMedianOfTheChosen(_ count: Int, _ attackers: Int) throws {
        let contributions = Contribution.random(count, of: 700, key: 9)
        var left = contributions.map(\.change)
        var chosen: [[Float]] = []
        for _ in 0..<(count - 2 * attackers) { chosen.append(left.remove(at: krum(left, attackers: attackers)[0])) }
        let keep = chosen.count - 2 * attackers
        let expected = chosen[0].indices.map { index in
            let column = chosen.map { Double($0[index]) }.sorted()
            let median = (column[(column.count - 1) / 2] + column[column.count / 2]) / 2
            return column.sorted { abs($0 - median) < abs($1 - median) }.prefix(keep).reduce(0, +) / Double(keep)
        }
        expect(try Contribution.combined(BulyanAggregator(attackers: attackers), contributions), near: expected)
    }

    @Test(arguments: [1, 3, 8], [1e-6, 5])
    func theGeometricMedianIsWeiszfelds(_ iterations: Int, _ smoothing: Double) throws {
        let contributions = Contribution.random(9, of: 300, key: 10)
        let total = Double(contributions.reduce(0) { $0 + $1.weight })
        func combination(_ factors: [Double]) -> [Double] {
            let sum = factors.reduce(0, +)
            return contributions[0].change.indices.map { index in
                zip(factors, contributions).reduce(0) { $0 + $1.0 / sum * Double($1.1.change[index]) }
            }
        }
        var factors = contributions.map { Double($0.weight) / total }
        for _ in 0..<iterations {
            let point = combination(factors)
            factors = contributions.map { contribution in
                let distance = zip(point, contribution.change).reduce(0.0) {
                    $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
                }
                return Double(contribution.weight) / total / max(smoothing, distance.squareRoot())
            }
        }
        expect(
            try Contribution.combined(
                GeometricMedianAggregator(iterations: iterations, smoothing: smoothing), contributions),
            near: combination(factors), within: 1e-5)
    }

    @Test(arguments: [nil, 0.5, 100] as [Double?])
    func longChangesAreShortened(_ bound: Double?) throws {
        var contributions = Contribution.random(5, of: 300, key: 11)
        for index in contributions.indices {
            contributions[index].change = contributions[index].change.map { $0 * Float(1 + index) }
        }
        let norms = contributions.map { AggregatorLawsTests.norm($0.change) }
        let limit = bound ?? norms.sorted()[2]
        let total = Double(contributions.reduce(0) { $0 + $1.weight })
        let expected = contributions[0].change.indices.map { index in
            zip(contributions, norms).reduce(0.0) {
                $0 + Double($1.0.weight) / total * min(1, limit / $1.1) * Double($1.0.change[index])
            }
        }
        expect(try Contribution.combined(NormClippingAggregator(bound: bound), contributions), near: expected)
    }

    /// The same votes, however they travel.
    @Test func votesAreCountedFromLevels() throws {
        let levels: [[Int8]] = [[1, 0, -1, 1], [1, -1, -1, 0], [-1, -1, 1, 0]]
        let wide: [Int8] = [3, 0, -7, 0]
        let dense: [Float] = [0.5, 0, -1e-30, 0]
        var aggregation = try SignVoteAggregator(step: 0.25).begin(count: 4, weightBound: 10)
        for (index, row) in levels.enumerated() {
            // Scales differ, and one is beyond any bound where nothing is a multiple of it.
            let step: Float = [0.001, 900, 3][index]
            try row.withUnsafeBufferPointer { try aggregation.add(.levels($0, step: step, at: 0), weight: 1) }
        }
        #expect(aggregation.finish() == [0.25, -0.25, -0.25, 0.25])
        try wide.withUnsafeBufferPointer { try aggregation.add(.levels($0, step: 2, at: 0), weight: -1) }
        try dense.withUnsafeBufferPointer { try aggregation.add(.dense($0, at: 0), weight: -1) }
        #expect(aggregation.finish() == [-0.25, -0.25, 0.25, 0.25])
        try [UInt32](arrayLiteral: 0, 2).withUnsafeBufferPointer { positions in
            try [Float](arrayLiteral: 7, -0.5).withUnsafeBufferPointer { values in
                for _ in 0..<2 {
                    try aggregation.add(.sparse(positions: positions, values: values, at: 0), weight: 1)
                }
            }
        }
        #expect(aggregation.finish() == [0.25, -0.25, -0.25, 0.25])
    }

    @Test func aRoundNeedsAsManyUpdatesAsItsAggregator() throws {
        let needed: [(AggregatorSpec, Int)] = [
            (AggregatorSpec(), 1), (AggregatorSpec(name: .median), 1),
            (AggregatorSpec(name: .trimmedMean, trim: 0.4), 1),
            (AggregatorSpec(name: .trimmedMean, trim: 3), 7), (AggregatorSpec(name: .krum, attackers: 2), 7),
            (AggregatorSpec(name: .multiKrum, attackers: 1, keep: 9), 12),
            (AggregatorSpec(name: .bulyan, attackers: 2), 11),
        ]
        for (spec, count) in needed { #expect(spec.aggregator.minimumUpdates == count) }
        let strategy = try StrategyRegistry.strategy(
            StrategySpec(aggregator: AggregatorSpec(name: .krum, attackers: 2)))
        let plan = try strategy.plan(
            PlanContext(
                run: try RunID("r"), round: RoundID(1), baseVersion: ModelVersion(0),
                workers: try (0..<10).map { try WorkerID("w\($0)") },
                training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), quorumShare: 0.5, seed: 1))
        #expect(plan.quorum == 7)
    }
}
