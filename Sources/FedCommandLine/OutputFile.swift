// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation

/// Files that are written at the end of long work.
public enum OutputFile {
    /// Throws `ProgramFailure` with a sentence, before the work begins, if the file could not be written after it.
    public static func check(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue, FileManager.default.isWritableFile(atPath: exists ? path : folder) else {
            throw unwritable(path)
        }
    }

    /// Writes the file whole or not at all; throws `ProgramFailure` with a sentence.
    public static func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw unwritable(path)
        }
    }

    private static func unwritable(_ path: String) -> ProgramFailure {
        ProgramFailure(.usage, "cannot write \(path): choose another path, or mend its permissions")
    }
}
