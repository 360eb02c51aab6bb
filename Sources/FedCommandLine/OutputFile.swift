// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation

/// Files that are written at the end of long work.
///
/// A link is followed, and what is no file, such as a pipe or a device, is written into and not replaced.
public enum OutputFile {
    /// Throws `ProgramFailure` with a sentence, before the work begins, if the file could not be written after it, or is one of
    /// `others`, which the command reads or writes, too.
    public static func check(_ path: String, apartFrom others: [String] = []) throws {
        let url = target(path)
        let folder = url.deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        guard !isFolder.boolValue, FileManager.default.isWritableFile(atPath: exists ? url.path : folder) else {
            throw unwritable(path)
        }
        if let other = others.first(where: { target($0).path == url.path }) {
            throw ProgramFailure(
                .usage, "\(path) is \(other), which would be lost: choose another path for what is written")
        }
    }

    /// Writes the file whole or not at all; throws `ProgramFailure` with a sentence.
    public static func write(_ data: Data, to path: String) throws {
        let url = target(path)
        do {
            if isSpecial(url.path) {
                let file = try FileHandle(forWritingTo: url)
                defer { try? file.close() }
                try file.write(contentsOf: data)
            } else {
                try data.write(to: url, options: .atomic)
            }
        } catch {
            throw unwritable(path)
        }
    }

    private static func target(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }

    /// Whether there is something that is no file.
    private static func isSpecial(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    private static func unwritable(_ path: String) -> ProgramFailure {
        ProgramFailure(.usage, "cannot write \(path): choose another path, or mend its permissions")
    }
}
