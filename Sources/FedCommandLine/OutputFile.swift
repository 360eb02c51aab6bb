// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Files that are written at the end of long work.
public enum OutputFile {
    /// Throws `ProgramFailure` with a sentence, before the work begins, if the file could not be written after it.
    public static func check(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue, FileManager.default.isWritableFile(atPath: exists ? path : folder) else {
            throw ProgramFailure(.usage, "cannot write \(path): choose another path, or mend its permissions")
        }
    }
}
