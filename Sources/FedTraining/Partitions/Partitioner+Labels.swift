// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Parts that differ in their labels.
extension Partitioner {
    /// Hsu, Qi and Brown 2019 draw a worker's classes; here, as is usual, each class is divided among the workers.
    static func byDirichlet(
        _ labels: [Int32], classes: Int, alpha: Double, parts: Int, generator: SeededGenerator
    ) -> [[Int]] {
        var result = [[Int]](repeating: [], count: parts)
        for (label, members) in shuffledClasses(labels, classes: classes, generator: generator).enumerated() {
            var stream = generator.stream("proportions", UInt64(label))
            let proportions = GammaDistribution.dirichlet(alpha: alpha, count: parts, using: &stream)
            var start = 0
            for (part, end) in cumulativeEnds(of: proportions, total: members.count).enumerated() {
                result[part] += members[start..<end]
                start = end
            }
        }
        // Whoever got nothing takes one example from whoever has most, the first of equals.
        for part in result.indices where result[part].isEmpty {
            var donor = 0
            for other in result.indices where result[other].count > result[donor].count { donor = other }
            result[part].append(result[donor].removeLast())
        }
        return result
    }

    /// Equal amounts of `own` classes a worker; a class goes to workers that need one when the fewest others have it.
    static func byClasses(
        _ labels: [Int32], classes: Int, own: Int, parts: Int, generator: SeededGenerator
    ) throws(TrainingError) -> [[Int]] {
        let members = shuffledClasses(labels, classes: classes, generator: generator)
        let present = members.indices.filter { !members[$0].isEmpty }
        guard (1...present.count).contains(own) else {
            throw invalid("classes must be 1 to \(present.count), the classes in the data, not \(own)")
        }
        // Each worker takes the classes that the fewest others have, equals in random order.
        var stream = generator.stream("classes")
        var uses = [Int](repeating: 0, count: classes)
        var chosen: [[Int]] = []
        for _ in 0..<parts {
            var order = present
            stream.shuffle(&order)
            let ranked = order.enumerated().sorted { (uses[$0.element], $0.offset) < (uses[$1.element], $1.offset) }
            chosen.append(ranked.prefix(own).map(\.element))
            for label in chosen[chosen.count - 1] { uses[label] += 1 }
        }
        let amount = present.map { uses[$0] == 0 ? Int.max : members[$0].count / uses[$0] }.min() ?? 0
        guard amount >= 1 else {
            throw invalid(
                "the rarest class has too few examples for \(parts) workers of \(own) classes each: take fewer workers "
                    + "or fewer classes")
        }
        var taken = [Int](repeating: 0, count: classes)
        return chosen.map { labels in
            labels.flatMap { label in
                defer { taken[label] += amount }
                return members[label][taken[label]..<(taken[label] + amount)]
            }
        }
    }

    /// McMahan et al., AISTATS 2017, section 3: the examples sorted by label are cut into shards whose sizes differ by one
    /// at most, and every worker is dealt `shardsPerWorker` of them at random.
    static func byShards(
        _ labels: [Int32], classes: Int, shardsPerWorker: Int, parts: Int, generator: SeededGenerator
    ) throws(TrainingError) -> [[Int]] {
        let (count, overflow) = parts.multipliedReportingOverflow(by: shardsPerWorker)
        guard !overflow, count <= labels.count else {
            throw invalid(
                "\(labels.count) examples cannot be cut into \(parts) x \(shardsPerWorker) shards: take fewer workers "
                    + "or a smaller shardsPerWorker")
        }
        let sorted = shuffledClasses(labels, classes: classes, generator: generator).flatMap { $0 }
        var order = Array(0..<count)
        var stream = generator.stream("deal")
        stream.shuffle(&order)
        return (0..<parts).map { part in
            order[(part * shardsPerWorker)..<((part + 1) * shardsPerWorker)].flatMap { shard in
                sorted[(sorted.count * shard / count)..<(sorted.count * (shard + 1) / count)]
            }
        }
    }

    /// The indices of each class, each class shuffled by its own stream.
    private static func shuffledClasses(
        _ labels: [Int32], classes: Int, generator: SeededGenerator
    ) -> [[Int]] {
        var members = [[Int]](repeating: [], count: classes)
        for (index, label) in labels.enumerated() { members[Int(label)].append(index) }
        for label in members.indices {
            var stream = generator.stream("class", UInt64(label))
            stream.shuffle(&members[label])
        }
        return members
    }
}
