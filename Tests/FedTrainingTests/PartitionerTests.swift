// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct PartitionerTests {
    /// 1,000 labels of ten classes, unequally many.
    static let labels: [Int32] = {
        var generator = SeededGenerator(key: 9)
        return (0..<1000).map { _ in Int32(min(generator.nextIndex(below: 10), generator.nextIndex(below: 14))) }
    }()

    static func parts(
        _ spec: PartitionSpec, _ count: Int, seed: UInt64 = 1, labels: [Int32] = labels
    ) throws -> [[Int]] {
        try Partitioner.partition(labels: labels, classes: 10, spec: spec, parts: count, seed: seed)
    }

    @Test(
        arguments: [
            PartitionSpec.iid, .dirichlet(alpha: 0.001), .dirichlet(alpha: 0.5), .dirichlet(alpha: 1000),
            .classesPerWorker(classes: 1), .classesPerWorker(classes: 3), .classesPerWorker(classes: 10),
        ], [1, 2, 7, 30])
    func partsAreDisjointAndRepeatable(_ spec: PartitionSpec, _ count: Int) throws {
        let parts = try Self.parts(spec, count)
        #expect(parts.count == count)
        #expect(parts.allSatisfy { !$0.isEmpty && $0 == $0.sorted() })
        let all = parts.flatMap { $0 }
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { Self.labels.indices.contains($0) })
        if case .classesPerWorker = spec {} else { #expect(all.count == Self.labels.count) }
        #expect(try Self.parts(spec, count) == parts)
        if count > 1 { #expect(try Self.parts(spec, count, seed: 2) != parts) }
    }

    @Test func everyPartCanHaveOneExample() throws {
        let parts = try Self.parts(.dirichlet(alpha: 0.01), 1000)
        #expect(parts.allSatisfy { $0.count == 1 })
        #expect(try Self.parts(.iid, 1000).allSatisfy { $0.count == 1 })
    }

    @Test func independentPartsAreOfOneSize() throws {
        let sizes = try Self.parts(.iid, 7).map(\.count)
        #expect(sizes.allSatisfy { $0 == 142 || $0 == 143 })
    }

    @Test(arguments: [1, 2, 5])
    func classesPerWorkerAreEqualAmounts(_ own: Int) throws {
        let parts = try Self.parts(.classesPerWorker(classes: own), 20)
        var amounts: Set<Int> = []
        for part in parts {
            let counts = Dictionary(grouping: part) { Self.labels[$0] }
            #expect(counts.count == own)
            amounts.formUnion(counts.values.map(\.count))
        }
        #expect(amounts.count == 1)
    }

    /// How unlike the parts are: the mean over parts of the share of the most frequent class.
    private func concentration(_ alpha: Double) throws -> Double {
        let parts = try Self.parts(.dirichlet(alpha: alpha), 10)
        return parts.map { part in
            let most = Dictionary(grouping: part) { Self.labels[$0] }.values.map(\.count).max() ?? 0
            return Double(most) / Double(part.count)
        }.reduce(0, +) / 10
    }

    @Test func smallAlphaMakesUnlikeParts() throws {
        #expect(try concentration(0.1) > 0.45)
        #expect(try concentration(100) < 0.25)
    }

    /// The first proportion of a symmetric Dirichlet of n is Beta(α, (n-1)α): mean 1/n, variance (n-1)/(n²(nα+1)).
    @Test(arguments: [0.1, 0.5, 1, 3, 50])
    func dirichletHasItsMoments(_ alpha: Double) {
        var generator = SeededGenerator(key: 21)
        let n = 4.0
        let draws = (0..<20_000).map { _ -> Double in
            let draw = GammaDistribution.dirichlet(alpha: alpha, count: Int(n), using: &generator)
            #expect(abs(draw.reduce(0, +) - 1) < 1e-12)
            return draw[0]
        }
        let mean = draws.reduce(0, +) / Double(draws.count)
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
        let expected = (n - 1) / (n * n * (n * alpha + 1))
        #expect(abs(mean - 1 / n) < 5 * (expected / Double(draws.count)).squareRoot())
        #expect(abs(variance / expected - 1) < 0.06)
    }

    @Test(arguments: [
        (PartitionSpec.iid, 0), (.iid, 1001), (.dirichlet(alpha: 0), 3), (.dirichlet(alpha: .nan), 3),
        (.dirichlet(alpha: -1), 3), (.dirichlet(alpha: .infinity), 3), (.classesPerWorker(classes: 0), 3),
        (.classesPerWorker(classes: 11), 3), (.classesPerWorker(classes: 10), 900),
    ])
    func badSettingsAreRefused(_ spec: PartitionSpec, _ count: Int) {
        #expect(throws: TrainingError(.invalidPartition, "")) { try Self.parts(spec, count) }
    }

    @Test func nothingCannotBeDivided() {
        #expect(throws: TrainingError(.invalidPartition, "")) { try Self.parts(.iid, 1, labels: []) }
    }
}
