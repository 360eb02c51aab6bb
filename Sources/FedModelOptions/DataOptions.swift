// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import ArgumentParser
internal import FedCommandLine
public import FedModels
internal import FedTraining

/// The options that name data for a model.
public struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A data set: its name and its file or folder, as in mnist=/data/mnist, or digits.", valueName: "name=path"))
    private var data: String?

    @Option(help: ArgumentHelp("The label column of a CSV file.", valueName: "column"))
    private var label: String?

    @Option(help: ArgumentHelp("How the columns of a CSV file are coded.", valueName: "file"))
    private var schema: String?

    @Flag(help: "Use the examples of all domains, where the model is a worker's own and has one.")
    private var allDomains = false

    public init() {}

    public func validate() throws {
        if data == nil, label != nil || schema != nil || allDomains {
            throw ValidationError("--label, --schema and --all-domains belong to --data NAME=PATH")
        }
    }

    /// Reads what `model` is for of the data, if any are named; throws `TrainingError`.
    public func load(for model: TrainedModel) throws -> ModelData? {
        guard let data else { return nil }
        let parts = data.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let split = try DatasetRegistry.load(
            DatasetSource(name: parts[0], path: parts.count == 2 ? parts[1] : nil, label: label, schema: schema))
        return ModelData(split, for: model.card, allDomains: allDomains)
    }

    /// The same; throws `ProgramFailure` where no data are named.
    public func loadRequired(for model: TrainedModel) throws -> ModelData {
        guard let data = try load(for: model) else {
            throw ProgramFailure(
                .usage, "say with --data which data to use: --data mnist=/data/mnist, or --data digits")
        }
        return data
    }
}
