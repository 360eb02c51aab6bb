// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The newest checkpoints of a run: `<version, 6 digits>.safetensors` in one directory.
public struct CheckpointFolder: Sendable {
    /// The directory, made with the first checkpoint.
    public let directory: String
    /// How many are kept, at least 1.
    public let keep: Int

    /// The folder in a directory, keeping the newest `keep`.
    public init(directory: String, keep: Int = 2) {
        precondition(keep >= 1, "at least one checkpoint is kept")
        self.directory = directory
        self.keep = keep
    }

    /// Where the checkpoint of a version lies.
    public func path(_ version: ModelVersion) -> String { "\(directory)/\(Self.name(version))" }

    /// Makes a checkpoint durable and returns its digests; `prune` should follow. Blocks on the disk.
    public func save(_ checkpoint: Checkpoint) throws(StoreError) -> CheckpointDigest {
        try DurableFiles.makeDirectory(directory)
        return try CheckpointFile.write(checkpoint, name: Self.name(checkpoint.version), in: directory)
    }

    /// Deletes all but the newest. Blocks on the disk.
    public func prune() throws(StoreError) {
        for version in try versions().dropLast(keep) { DurableFiles.remove(path(version)) }
    }

    /// The versions that are kept, ascending. Blocks on the disk.
    public func versions() throws(StoreError) -> [ModelVersion] {
        try DurableFiles.list(directory).compactMap { name in
            guard name.hasSuffix(Self.suffix), let number = Int(name.dropLast(Self.suffix.count)), number >= 0 else {
                return nil
            }
            return ModelVersion(number)
        }.sorted()
    }

    private static let suffix = ".safetensors"

    private static func name(_ version: ModelVersion) -> String {
        FileNumber.text(version.rawValue) + suffix
    }
}
