// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedTraining

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
    /// The column of a CSV file that is the label; nil where the run says so.
    public var label: String?
    /// The file that says how the columns of a CSV file are coded.
    public var schema: String?
    /// Which part of the training split this worker holds; nil for all of it.
    public var shard: Shard?

    /// Reads `name=path` and `name` (embedded); throws `WorkerError.usage` with a sentence.
    public init(
        parsing arguments: [String], label: String? = nil, schema: String? = nil, shard: Shard? = nil
    ) throws(WorkerError) {
        locations = [:]
        self.label = label
        self.schema = schema
        self.shard = shard
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty, parts.count == 1 || !parts[1].isEmpty else {
                throw WorkerError(.usage, "--data takes name=path, as in mnist=/data/mnist, not \(argument)")
            }
            guard locations[name] == nil else {
                throw WorkerError(.usage, "--data names \(name) twice: give it one path")
            }
            guard parts.count == 1 || !DatasetRegistry.embedded.contains(name) else {
                throw WorkerError(
                    .usage, "--data: \(name) is part of the program and has no path: write --data \(name)")
            }
            locations[name] = .some(parts.count == 2 ? parts[1] : nil)
        }
        for (option, value) in [("--label", label), ("--schema", schema)] where value != nil {
            guard DatasetRegistry.tabular.contains(where: { locations.keys.contains($0) }) else {
                throw WorkerError(
                    .usage, "\(option) belongs to --data csv=FILE: name the file, or leave \(option) out")
            }
        }
    }

    /// Where a data set comes from; `defaultLabel` is the label column where the command line names neither one nor a
    /// schema, which names its own.
    func source(of dataset: String, defaultLabel: String?) -> DatasetSource {
        let path = locations[dataset] ?? nil
        guard DatasetRegistry.tabular.contains(dataset) else { return DatasetSource(name: dataset, path: path) }
        return DatasetSource(
            name: dataset, path: path, label: schema == nil ? label ?? defaultLabel : label, schema: schema)
    }
}
