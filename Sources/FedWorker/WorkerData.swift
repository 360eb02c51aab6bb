// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The data a worker was given on its command line.
public struct WorkerData: Hashable, Sendable {
    /// One part of several equal ones.
    public struct Shard: Hashable, Sendable {
        /// Counted from 1.
        public let index: Int
        /// How many there are.
        public let count: Int

        /// Reads `3/8`; throws `WorkerError.usage` with a sentence.
        public init(parsing text: String) throws(WorkerError) {
            let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let index = numbers[0], let count = numbers[1], (1...100_000).contains(count),
                (1...count).contains(index)
            else {
                throw WorkerError(.usage, "--shard takes part/parts counted from 1, as in 3/8, not \(text)")
            }
            self.index = index
            self.count = count
        }
    }

    /// Where each data set lies; nil for an embedded one.
    public var locations: [String: String?]
    /// Which part of the training split this worker holds; nil for all of it.
    public var shard: Shard?

    /// Reads `name=path` and `name` (embedded); throws `WorkerError.usage` with a sentence.
    public init(parsing arguments: [String], shard: Shard?) throws(WorkerError) {
        locations = [:]
        self.shard = shard
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty, parts.count == 1 || !parts[1].isEmpty else {
                throw WorkerError(.usage, "--data takes name=path, as in mnist=/data/mnist, not \(argument)")
            }
            locations[name] = .some(parts.count == 2 ? parts[1] : nil)
        }
    }
}
