// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// The data sets that a run file can name.
public enum DatasetRegistry {
    /// The names of all data sets.
    public static let names =
        ["digits"] + PublishedImages.all.map(\.name) + ["optdigits", "cifar-10", "digits-5", "csv", "images"]

    /// The names of those that are part of the program and need no files.
    public static let embedded = ["digits"]

    /// Loads a data set.
    ///
    /// `digits` is part of the program and ignores the path; all others are read from `source.path`, see
    /// `Documentation/Data.md` for the files of each. Throws `TrainingError.unknownDataset`, `.missingFile` or
    /// `.invalidFile`.
    public static func load(_ source: DatasetSource) throws(TrainingError) -> DatasetSplit {
        switch source.name {
        case "digits": return try EmbeddedDigits.load()
        case "optdigits": return try OpticalDigits.load(from: source.path)
        case "cifar-10": return try CIFAR10.load(from: source.path)
        case "csv": return try CSVTable(source).split()
        case "images": return try ImageFolder(path: source.path).load()
        case "digits-5": return try FiveDigits.load(from: source.path)
        default:
            guard let images = PublishedImages.all.first(where: { $0.name == source.name }) else {
                throw TrainingError(.unknownDataset, NearestName.unknown("data set", source.name, among: names))
            }
            let split = try images.load(from: source.path)
            guard source.name == "mnist", let path = source.path else { return split }
            return try MNISTWriters.adding(to: split, path: path)
        }
    }
}
