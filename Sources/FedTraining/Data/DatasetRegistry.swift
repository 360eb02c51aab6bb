// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// The data sets that a run file can name.
public enum DatasetRegistry {
    /// The names of all data sets.
    public static let names = ["digits", "mnist", "fashion-mnist"]

    /// The names of those that are part of the program and need no files.
    public static let embedded = ["digits"]

    /// Loads a data set.
    ///
    /// `digits` is part of the program and ignores the path. `mnist` and `fashion-mnist` are four files in the folder
    /// `source.path`, under their published names (`train-images-idx3-ubyte`, or with a dot before `idx3`, each with or without
    /// `.gz`). Throws `TrainingError.unknownDataset`, `.missingFile` or `.invalidFile`.
    public static func load(_ source: DatasetSource) throws(TrainingError) -> DatasetSplit {
        switch source.name {
        case "digits": return try EmbeddedDigits.load()
        case "mnist", "fashion-mnist": return try IDXFolder(name: source.name, path: source.path).load()
        default:
            throw TrainingError(
                .unknownDataset, NearestName.unknown("data set", source.name, among: names))
        }
    }
}
