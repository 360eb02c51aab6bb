// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Divides a data set among workers.
public enum Partitioner {
    /// The indices of each part's examples, ascending; no example is in two parts.
    ///
    /// `iid` and `dirichlet` give away every example, and at least one to each part; `classesPerWorker` gives every part
    /// the same number of examples of each of its classes and leaves the rest unused. Labels are in 0..<`classes`. The
    /// same arguments give the same parts on every machine. Throws `TrainingError.invalidPartition`.
    public static func partition(
        labels: [Int32], classes: Int, spec: PartitionSpec, parts: Int, seed: UInt64
    ) throws(TrainingError) -> [[Int]] {
        precondition(labels.allSatisfy { $0 >= 0 && $0 < classes }, "labels are below the number of classes")
        guard parts >= 1, parts <= labels.count else {
            throw invalid(
                "\(labels.count) examples cannot be divided among \(parts) workers: take 1 to \(labels.count)")
        }
        let generator = SeededGenerator(key: seed).stream("partition")
        let result =
            switch spec {
            case .iid: equalParts(count: labels.count, parts: parts, generator: generator)
            case .dirichlet(let alpha):
                try byDirichlet(labels, classes: classes, alpha: alpha, parts: parts, generator: generator)
            case .classesPerWorker(let own):
                try byClasses(labels, classes: classes, own: own, parts: parts, generator: generator)
            }
        return result.map { $0.sorted() }
    }

    private static func invalid(_ message: String) -> TrainingError {
        TrainingError(.invalidPartition, "data.partition: " + message)
    }

    private static func equalParts(count: Int, parts: Int, generator: SeededGenerator) -> [[Int]] {
        var generator = generator
        var order = Array(0..<count)
        generator.shuffle(&order)
        return (0..<parts).map { Array(order[(count * $0 / parts)..<(count * ($0 + 1) / parts)]) }
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

    /// Hsu, Qi and Brown 2019 draw a worker's classes; here, as is usual, each class is divided among the workers.
    private static func byDirichlet(
        _ labels: [Int32], classes: Int, alpha: Double, parts: Int, generator: SeededGenerator
    ) throws(TrainingError) -> [[Int]] {
        guard (1e-6...1e6).contains(alpha) else {
            throw invalid("alpha must be in 0.000001 to 1000000, not \(alpha)")
        }
        var result = [[Int]](repeating: [], count: parts)
        for (label, members) in shuffledClasses(labels, classes: classes, generator: generator).enumerated() {
            var stream = generator.stream("proportions", UInt64(label))
            let proportions = GammaDistribution.dirichlet(alpha: alpha, count: parts, using: &stream)
            var sum = 0.0
            var start = 0
            for part in 0..<parts {
                sum += proportions[part]
                let end = part == parts - 1 ? members.count : Int((min(sum, 1) * Double(members.count)).rounded())
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

    private static func byClasses(
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
}
