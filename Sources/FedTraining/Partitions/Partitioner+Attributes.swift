// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// Parts that follow what is known of the examples.
extension Partitioner {
    /// Whole groups: one a worker in the order of the attribute's values where there are as many, else the largest group
    /// that is left goes to the worker that has the fewest examples, the first of equals in both cases (Graham, "Bounds
    /// on multiprocessing timing anomalies", 1969). Nothing is drawn, so the seed does not matter.
    static func byGroups(_ attribute: ExampleAttribute, parts: Int) throws(TrainingError) -> [[Int]] {
        let groups = members(of: attribute).map(\.examples)
        guard parts <= groups.count else {
            throw invalid(
                "\(attribute.name) has \(groups.count) groups, which are never split, for \(parts) workers: take 1 to "
                    + "\(groups.count) workers, or another attribute or scheme")
        }
        guard parts < groups.count else { return groups }
        var result = [[Int]](repeating: [], count: parts)
        let largestFirst = groups.enumerated().sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }
        for (_, group) in largestFirst {
            var receiver = 0
            for part in result.indices where result[part].count < result[receiver].count { receiver = part }
            result[receiver] += group
        }
        return result
    }

    /// Worker i holds examples of domain i mod D only, in the order of the attribute's values; the workers of one domain
    /// share its examples equally, at random.
    static func byDomains(
        _ attribute: ExampleAttribute, parts: Int, generator: SeededGenerator
    ) throws(TrainingError) -> [[Int]] {
        let domains = members(of: attribute)
        var result = [[Int]](repeating: [], count: parts)
        for (number, domain) in domains.enumerated() where number < parts {
            let workers = Array(stride(from: number, to: parts, by: domains.count))
            guard workers.count <= domain.examples.count else {
                throw invalid(
                    "\(attribute.name) \(domain.value) has \(domain.examples.count) examples for \(workers.count) "
                        + "workers: take fewer workers")
            }
            let shares = equalParts(
                domain.examples, parts: workers.count, generator: generator.stream("domain", UInt64(number)))
            for (worker, share) in zip(workers, shares) { result[worker] = share }
        }
        return result
    }

    /// The attribute with that name; throws, naming the nearest one and all others, if there is none.
    static func attribute(
        _ name: String, among attributes: [ExampleAttribute]
    ) throws(TrainingError) -> ExampleAttribute {
        if let known = attributes.first(where: { $0.name == name }) { return known }
        guard !attributes.isEmpty else {
            throw invalid(
                "the examples have no attribute \"\(name.prefix(64))\", nor any other: choose a scheme that goes by "
                    + "labels or sizes")
        }
        throw invalid(NearestName.unknown("attribute", name, among: attributes.map(\.name)))
    }

    /// The examples of each value that occurs, in the order of the values.
    private static func members(of attribute: ExampleAttribute) -> [(value: String, examples: [Int])] {
        var examples = [[Int]](repeating: [], count: attribute.values.count)
        for (index, code) in attribute.codes.enumerated() { examples[Int(code)].append(index) }
        return zip(attribute.values, examples).filter { !$1.isEmpty }.map { (value: $0, examples: $1) }
    }
}
