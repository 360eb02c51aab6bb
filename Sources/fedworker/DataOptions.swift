// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedModels
import FedTraining

/// The options that name data for a worker's own model.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A data set: its name and its file or folder, as in mnist=/data/mnist, or digits.", valueName: "name=path"))
    var data: String

    @Option(help: ArgumentHelp("The label column of a CSV file.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("How the columns of a CSV file are coded.", valueName: "file"))
    var schema: String?

    @Flag(help: "Use the examples of all domains.")
    var allDomains = false

    /// Reads the data; throws `TrainingError`.
    func load() throws -> DatasetSplit {
        let parts = data.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return try DatasetRegistry.load(
            DatasetSource(name: parts[0], path: parts.count == 2 ? parts[1] : nil, label: label, schema: schema))
    }

    /// Those of `data` that `model` is for: the examples of its domain where it has one, unless all are asked for.
    func examples(of data: Dataset, for model: TrainedModel) -> Dataset {
        let domain = allDomains ? nil : model.card.domain
        return domain.map { data.examples(of: $0.value, under: .domains(by: $0.attribute)) } ?? data
    }
}
