// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What each part of a divided data set holds, and how unlike the parts are.
public struct PartitionSummary: Hashable, Sendable {
    /// What one worker holds.
    public struct Part: Hashable, Sendable {
        /// The number of examples.
        public let examples: Int
        /// Examples of each class.
        public let labels: [Int]
        /// For each attribute of the data set, the examples of each of its values.
        public let attributes: [[Int]]

        /// The number of classes that occur.
        public var classes: Int { labels.count { $0 > 0 } }
    }

    /// One for each worker, in their order.
    public let parts: [Part]
    /// Examples that are in no part.
    public let unused: Int

    /// Counts what `parts`, as `Partitioner` makes them, hold of `data`.
    public init(of data: Dataset, parts: [[Int]]) {
        self.parts = parts.map { indices in
            Part(
                examples: indices.count, labels: Self.count(data.labels, at: indices, codes: data.classes),
                attributes: data.attributes.map { Self.count($0.codes, at: indices, codes: $0.values.count) })
        }
        unused = data.count - parts.reduce(0) { $0 + $1.count }
    }

    /// Examples in all parts together.
    public var examples: Int { parts.reduce(0) { $0 + $1.examples } }

    /// Examples of each class in all parts together.
    public var labels: [Int] {
        guard let first = parts.first else { return [] }
        return parts.dropFirst().reduce(first.labels) { zip($0, $1.labels).map(+) }
    }

    /// The sizes of the smallest, the middle and the largest part; of two middle ones the larger.
    public var sizes: (smallest: Int, median: Int, largest: Int) {
        let sorted = parts.map(\.examples).sorted()
        guard let smallest = sorted.first, let largest = sorted.last else { return (0, 0, 0) }
        return (smallest, sorted[sorted.count / 2], largest)
    }

    /// How unlike the parts' labels are, in [0, 1): the share of the examples that would have to change their class for
    /// every part to have the classes in the proportions of all parts together.
    ///
    /// The mean over examples of the total variation distance between the labels of their part and of all parts; 0 for
    /// parts that are all alike.
    public var labelDistance: Double {
        let total = Double(examples)
        guard total > 0 else { return 0 }
        let shares = labels.map { Double($0) / total }
        let moved = parts.reduce(0.0) { sum, part in
            sum + zip(part.labels, shares).reduce(0.0) { $0 + abs(Double($1.0) - $1.1 * Double(part.examples)) } / 2
        }
        return moved / total
    }

    private static func count(_ values: [Int32], at indices: [Int], codes: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: codes)
        for index in indices { counts[Int(values[index])] += 1 }
        return counts
    }
}
