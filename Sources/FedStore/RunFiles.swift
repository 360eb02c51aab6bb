// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Small files beside a run's journals and checkpoints.
public enum RunFiles {
    /// Makes a directory and those above it durable; one that exists is left as it is.
    ///
    /// Blocks on the disk. Throws `StoreError.diskFull` or `.unwritable`.
    public static func makeDirectory(_ path: String) throws(StoreError) { try DurableFiles.makeDirectory(path) }

    /// Writes a file whole or not at all, and durably, in place of one of the same name.
    ///
    /// Blocks on the disk. Throws `StoreError.diskFull` or `.unwritable`.
    public static func write(_ bytes: [UInt8], name: String, in directory: String) throws(StoreError) {
        try DurableFiles.makeDirectory(directory)
        try DurableFiles.replace(name, in: directory) { descriptor in
            bytes.withUnsafeBytes { DurableFiles.writeAll(descriptor, $0, at: 0) }
        }
    }
}
