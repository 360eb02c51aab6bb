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

    /// Who wrote each example, 37 writers of very different diligence, and which of three sites it is from; of both, one
    /// value has no example.
    static let attributes: [ExampleAttribute] = {
        var generator = SeededGenerator(key: 10)
        let writers = (0..<1000).map { _ -> Int32 in
            let draw = generator.nextIndex(below: 37)
            return Int32(generator.nextIndex(below: draw + 1))
        }
        let sites = (0..<1000).map { _ in Int32([0, 0, 0, 0, 2, 2, 3][generator.nextIndex(below: 7)]) }
        return [
            ExampleAttribute(name: "writer", values: (0..<38).map { "w\($0)" }, codes: writers),
            ExampleAttribute(name: "site", values: ["north", "nowhere", "south", "west"], codes: sites),
        ]
    }()

    static func parts(
        _ spec: PartitionSpec, _ count: Int, seed: UInt64 = 1, labels: [Int32] = labels
    ) throws -> [[Int]] {
        try Partitioner.partition(
            labels: labels, classes: 10, attributes: labels.count == 1000 ? attributes : [], spec: spec, parts: count,
            seed: seed)
    }

    @Test(
        arguments: [
            PartitionSpec.iid, .dirichlet(alpha: 0.001), .dirichlet(alpha: 0.5), .dirichlet(alpha: 1000),
            .classesPerWorker(classes: 1), .classesPerWorker(classes: 3), .classesPerWorker(classes: 10),
            .shards(shardsPerWorker: 1), .shards(shardsPerWorker: 2), .shards(shardsPerWorker: 33),
            .quantity(alpha: 0.001), .quantity(alpha: 0.5), .quantity(alpha: 1000), .groups(by: "writer"),
            .domains(by: "site"),
        ], [1, 2, 7, 30])
    func partsAreDisjointAndRepeatable(_ spec: PartitionSpec, _ count: Int) throws {
        let parts = try Self.parts(spec, count)
        #expect(parts.count == count)
        #expect(parts.allSatisfy { !$0.isEmpty && $0 == $0.sorted() })
        let all = parts.flatMap { $0 }
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { Self.labels.indices.contains($0) })
        switch spec {
        case .classesPerWorker: break
        case .domains where count < 3: #expect(all.count < Self.labels.count)
        default: #expect(all.count == Self.labels.count)
        }
        #expect(try Self.parts(spec, count) == parts)
        switch spec {
        case .groups: #expect(try Self.parts(spec, count, seed: 2) == parts)
        case .domains where count <= 3: #expect(try Self.parts(spec, count, seed: 2) == parts)
        default: if count > 1 { #expect(try Self.parts(spec, count, seed: 2) != parts) }
        }
    }

    @Test func everyPartCanHaveOneExample() throws {
        let parts = try Self.parts(.dirichlet(alpha: 0.01), 1000)
        #expect(parts.allSatisfy { $0.count == 1 })
        #expect(try Self.parts(.iid, 1000).allSatisfy { $0.count == 1 })
        #expect(try Self.parts(.quantity(alpha: 0.01), 1000).allSatisfy { $0.count == 1 })
        #expect(try Self.parts(.shards(shardsPerWorker: 1), 1000).allSatisfy { $0.count == 1 })
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

    /// With the 60,000 labels of McMahan et al., 100 workers of two shards of 300 examples have at most two classes each
    /// when no class straddles a shard.
    @Test func shardsHoldFewClasses() throws {
        let labels = (0..<6000).map { Int32($0 % 10) }
        let parts = try Partitioner.partition(
            labels: labels, classes: 10, spec: .shards(shardsPerWorker: 2), parts: 100, seed: 1)
        #expect(parts.allSatisfy { $0.count == 60 })
        #expect(parts.allSatisfy { part in Set(part.map { labels[$0] }).count <= 2 })
        #expect(parts.contains { part in Set(part.map { labels[$0] }).count == 2 })
        let whole = try Partitioner.partition(
            labels: labels, classes: 10, spec: .shards(shardsPerWorker: 1), parts: 10, seed: 1)
        #expect(Set(whole.map { part in Set(part.map { labels[$0] }) }) == Set((0..<10).map { [Int32($0)] }))
    }

    @Test func quantityChangesSizesAndNothingElse() throws {
        let even = try Self.parts(.quantity(alpha: 100_000), 10).map(\.count)
        #expect(even.allSatisfy { abs($0 - 100) <= 3 })
        let skewed = try Self.parts(.quantity(alpha: 0.5), 10)
        let sizes = skewed.map(\.count).sorted()
        #expect(sizes[9] > 3 * sizes[4])
        let most = try #require(skewed.max { $0.count < $1.count })
        let share = { (part: [Int]) in Double(part.count { Self.labels[$0] == 0 }) / Double(part.count) }
        #expect(abs(share(most) - share(Array(0..<1000))) < 0.06)
    }

    @Test(arguments: [1, 2, 5, 20, 36, 37]) func groupsAreNeverSplit(_ count: Int) throws {
        let writers = Self.attributes[0].codes
        let parts = try Self.parts(.groups(by: "writer"), count)
        let owners = parts.map { Set($0.map { writers[$0] }) }
        #expect(owners.reduce(0) { $0 + $1.count } == 37)
        if count == 37 { #expect(owners == (0..<37).map { [Int32($0)] }) }
        // The greedy rule: nobody has more than the least laden would have with one more group of the laden one's.
        let least = parts.map(\.count).min() ?? 0
        for (part, groups) in zip(parts, owners) where groups.count > 1 {
            let smallest = groups.map { group in part.count { writers[$0] == group } }.min() ?? 0
            #expect(part.count - smallest <= least)
        }
    }

    @Test func groupsGoByOneDocumentedRule() throws {
        let codes: [Int32] = [0, 1, 1, 2, 2, 2, 3, 3, 4]
        let attribute = ExampleAttribute(name: "g", values: ["a", "b", "c", "d", "e"], codes: codes)
        let parts = try Partitioner.partition(
            labels: codes.map { _ in 0 }, classes: 1, attributes: [attribute], spec: .groups(by: "g"), parts: 3, seed: 7
        )
        // c (3), b (2), d (2) in this order to the three; then a (1) to the second, e (1) to the third.
        #expect(parts == [[3, 4, 5], [0, 1, 2], [6, 7, 8]])
    }

    @Test(arguments: [1, 2, 3, 4, 7, 9]) func domainsAreTakenInTurn(_ count: Int) throws {
        let sites = Self.attributes[1].codes
        let parts = try Self.parts(.domains(by: "site"), count)
        let present: [Int32] = [0, 2, 3]
        for (worker, part) in parts.enumerated() {
            #expect(Set(part.map { sites[$0] }) == [present[worker % 3]])
        }
        for (number, site) in present.enumerated() where number < count {
            let sizes = stride(from: number, to: count, by: 3).map { parts[$0].count }
            #expect(sizes.reduce(0, +) == sites.count { $0 == site })
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test func aSampleIsAShareOfAPart() {
        let part = Array(stride(from: 0, to: 300, by: 3))
        #expect(Partitioner.sample(part, fraction: 1, number: 1, seed: 1) == part)
        #expect(Partitioner.sample([], fraction: 0.5, number: 1, seed: 1) == [])
        for (fraction, count) in [(0.3, 30), (0.005, 1), (0.001, 1), (0.999, 100), (0.994, 99)] {
            let sample = Partitioner.sample(part, fraction: fraction, number: 1, seed: 1)
            #expect(sample.count == count)
            #expect(sample == sample.sorted() && Set(sample).count == count && Set(sample).isSubset(of: part))
            #expect(Partitioner.sample(part, fraction: fraction, number: 1, seed: 1) == sample)
        }
        let samples = [(1, 1), (2, 1), (1, 2)].map { number, seed in
            Partitioner.sample(part, fraction: 0.3, number: number, seed: UInt64(seed))
        }
        #expect(Set(samples).count == 3)
    }

    @Test(arguments: [
        (PartitionSpec.iid, 0), (.iid, 1001), (.dirichlet(alpha: 0), 3), (.dirichlet(alpha: .nan), 3),
        (.dirichlet(alpha: -1), 3), (.dirichlet(alpha: .infinity), 3), (.classesPerWorker(classes: 0), 3),
        (.classesPerWorker(classes: 11), 3), (.classesPerWorker(classes: 10), 900),
        (.shards(shardsPerWorker: 0), 3), (.shards(shardsPerWorker: 101), 10), (.shards(shardsPerWorker: 2), 501),
        (.quantity(alpha: 0), 3), (.quantity(alpha: 1), 1001), (.groups(by: "writer"), 38), (.groups(by: "label"), 2),
        (.groups(by: ""), 2), (.domains(by: "domain"), 3), (.domains(by: "site"), 1000),
    ])
    func badSettingsAreRefused(_ spec: PartitionSpec, _ count: Int) {
        #expect(throws: TrainingError(.invalidPartition, "")) { try Self.parts(spec, count) }
    }

    @Test func nothingCannotBeDivided() {
        #expect(throws: TrainingError(.invalidPartition, "")) { try Self.parts(.iid, 1, labels: []) }
    }

    @Test(arguments: [
        (PartitionSpec.groups(by: "wroter"), 2, "did you mean writer? Known are writer, site"),
        (.domains(by: "domain"), 2, "there is no attribute \"domain\": known are writer, site"),
        (.groups(by: "writer"), 38, "37 groups"), (.domains(by: "site"), 1000, "site south"),
        (.shards(shardsPerWorker: 400), 3, "3 x 400 shards"), (.iid, 1001, "take 1 to 1000"),
    ])
    func refusalsSayWhatToDo(_ spec: PartitionSpec, _ count: Int, _ says: String) {
        let error = #expect(throws: TrainingError.self) { try Self.parts(spec, count) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("data.partition: ") == true)
    }

    @Test func examplesWithoutAttributesHaveNoGroups() {
        let error = #expect(throws: TrainingError.self) {
            try Self.parts(.groups(by: "writer"), 2, labels: [0, 1, 2])
        }
        #expect(error?.message.contains("nor any other") == true)
    }

    /// What a run divided yesterday is divided the same way today.
    @Test(
        arguments: [
            (.iid, 0x03DE_F7A5_FCED_4A73), (.dirichlet(alpha: 0.5), 0x75D6_B60F_7B33_79D6),
            (.classesPerWorker(classes: 2), 0xE02A_A7AA_1E59_30C0),
            (.shards(shardsPerWorker: 2), 0xDE89_6A55_F853_75EB), (.quantity(alpha: 0.5), 0xF32A_BDF8_CCEB_E96A),
            (.groups(by: "writer"), 0x857E_44A6_6112_B08A),
            (.domains(by: "site"), 0xF939_0FE8_73B0_A679),
        ] as [(PartitionSpec, UInt64)])
    func partsStayTheSame(_ spec: PartitionSpec, _ digest: UInt64) throws {
        var state: UInt64 = 0
        for (number, part) in try Self.parts(spec, 5).enumerated() {
            for index in part {
                var generator = SeededGenerator(key: state &+ UInt64(number * 1000 + index))
                state = generator.next()
            }
        }
        #expect(state == digest)
    }
}
