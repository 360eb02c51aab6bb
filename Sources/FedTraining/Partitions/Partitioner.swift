// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Divides a data set among workers.
public enum Partitioner {
    /// The indices of each part's examples, ascending; no example is in two parts, and no part is empty.
    ///
    /// All schemes give away every example but two: `classes-per-worker` gives every part the same number of examples of
    /// each of its classes and leaves the rest unused, and `domains` leaves those domains unused that have no worker. The
    /// same arguments give the same parts on every machine. Throws `TrainingError.invalidPartition` with a sentence for
    /// settings that this data set or this number of parts does not allow.
    public static func partition(
        _ data: Dataset, spec: PartitionSpec, parts: Int, seed: UInt64
    ) throws(TrainingError) -> [[Int]] {
        try partition(
            labels: data.labels, classes: data.classes, attributes: data.attributes, spec: spec, parts: parts,
            seed: seed)
    }

    /// The same for what is known of the examples: labels in 0..<`classes`, and attributes of as many examples.
    public static func partition(
        labels: [Int32], classes: Int, attributes: [ExampleAttribute] = [], spec: PartitionSpec, parts: Int,
        seed: UInt64
    ) throws(TrainingError) -> [[Int]] {
        precondition(labels.allSatisfy { $0 >= 0 && $0 < classes }, "labels are below the number of classes")
        precondition(attributes.allSatisfy { $0.codes.count == labels.count }, "every example has its attributes")
        do throws(CoreError) { try spec.validate() } catch { throw TrainingError(.invalidPartition, error.message) }
        guard parts >= 1, parts <= labels.count else {
            throw invalid(
                labels.isEmpty
                    ? "there are no examples to divide: choose another data set"
                    : "\(labels.count) examples cannot be divided among \(parts) workers: take 1 to \(labels.count)")
        }
        let generator = SeededGenerator(key: seed).stream("partition")
        let result =
            switch spec {
            case .iid: equalParts(Array(labels.indices), parts: parts, generator: generator)
            case .quantity(let alpha):
                unequalParts(Array(labels.indices), alpha: alpha, parts: parts, generator: generator)
            case .dirichlet(let alpha):
                byDirichlet(labels, classes: classes, alpha: alpha, parts: parts, generator: generator)
            case .classesPerWorker(let own):
                try byClasses(labels, classes: classes, own: own, parts: parts, generator: generator)
            case .shards(let shardsPerWorker):
                try byShards(
                    labels, classes: classes, shardsPerWorker: shardsPerWorker, parts: parts, generator: generator)
            case .groups(let name):
                try byGroups(try attribute(name, among: attributes), parts: parts)
            case .domains(let name):
                try byDomains(try attribute(name, among: attributes), parts: parts, generator: generator)
            }
        return result.map { $0.sorted() }
    }

    /// The share `fraction`, in (0, 1], of the examples of part `number`, drawn at random, ascending.
    ///
    /// Rounded to the nearest number of examples, at least one of a part that has one. The draw depends on `number` and
    /// `seed` only, not on the other parts; 1 gives `part` as it is.
    public static func sample(_ part: [Int], fraction: Double, number: Int, seed: UInt64) -> [Int] {
        precondition(fraction > 0 && fraction <= 1, "a fraction of the examples is in (0, 1]")
        guard fraction < 1, !part.isEmpty else { return part }
        var generator = SeededGenerator(key: seed).stream("fraction", UInt64(clamping: number))
        var order = part
        generator.shuffle(&order)
        return order.prefix(max(1, Int((fraction * Double(part.count)).rounded()))).sorted()
    }

    static func invalid(_ message: String) -> TrainingError {
        TrainingError(.invalidPartition, "data.partition: " + message)
    }

    /// The examples in random order, cut into parts whose sizes differ by one at most.
    static func equalParts(_ examples: [Int], parts: Int, generator: SeededGenerator) -> [[Int]] {
        var generator = generator
        var order = examples
        generator.shuffle(&order)
        return (0..<parts).map {
            Array(order[(order.count * $0 / parts)..<(order.count * ($0 + 1) / parts)])
        }
    }

    /// The examples in random order, cut into parts of one example and a share drawn from Dirichlet(`alpha`) of the rest:
    /// the quantity skew of Li, Diao, Chen and He, "Federated learning on non-IID data silos", ICDE 2022, section IV-D.
    private static func unequalParts(
        _ examples: [Int], alpha: Double, parts: Int, generator: SeededGenerator
    ) -> [[Int]] {
        var stream = generator.stream("sizes")
        let shares = GammaDistribution.dirichlet(alpha: alpha, count: parts, using: &stream)
        let ends = cumulativeEnds(of: shares, total: examples.count - parts)
        var generator = generator
        var order = examples
        generator.shuffle(&order)
        return (0..<parts).map { part in
            let start = part == 0 ? 0 : ends[part - 1] + part
            return Array(order[start..<(ends[part] + part + 1)])
        }
    }

    /// Where each of several shares of `total` things ends: ascending, the last end is `total`.
    static func cumulativeEnds(of shares: [Double], total: Int) -> [Int] {
        var sum = 0.0
        return shares.enumerated().map { part, share in
            sum += share
            return part == shares.count - 1 ? total : Int((min(sum, 1) * Double(total)).rounded())
        }
    }
}
