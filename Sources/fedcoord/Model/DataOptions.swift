// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedTraining

/// The options that name data.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A data set: its name and its file or folder, as in mnist=/data/mnist, or digits.", valueName: "name=path"))
    var data: String?

    @Option(help: ArgumentHelp("The label column of a CSV file.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("How the columns of a CSV file are coded.", valueName: "file"))
    var schema: String?

    func validate() throws {
        if data == nil, label != nil || schema != nil {
            throw ValidationError("--label and --schema belong to --data csv=FILE")
        }
    }

    /// Reads the data, if any are named; throws `TrainingError`.
    func load() throws -> DatasetSplit? {
        guard let data else { return nil }
        let parts = data.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return try DatasetRegistry.load(
            DatasetSource(name: parts[0], path: parts.count == 2 ? parts[1] : nil, label: label, schema: schema))
    }

    /// Reads the data; throws `ProgramFailure` where none are named, or `TrainingError`.
    func loadRequired() throws -> DatasetSplit {
        guard let split = try load() else {
            throw ProgramFailure(
                .usage, "say with --data what to measure on: --data mnist=/data/mnist, or --data digits")
        }
        return split
    }
}
