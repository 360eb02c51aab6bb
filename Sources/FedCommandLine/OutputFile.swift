// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import Foundation

/// Files that are written at the end of long work.
///
/// A link is followed, and what is no file, such as a pipe or a device, is written to and not replaced.
public enum OutputFile {
    /// Throws `ProgramFailure` with a sentence, before the work begins, if the file could not be written after it, or is one of
    /// `others`, which the command reads or writes, too.
    public static func check(_ path: String, apartFrom others: [String] = []) throws {
        guard !path.isEmpty else {
            throw ProgramFailure(.usage, "the path of what is to be written is empty: name a file")
        }
        let place = place(path)
        if let other = others.first(where: { self.place($0) == place }) {
            throw ProgramFailure(
                .usage, "\(path) is \(other), which would be lost: choose another path for what is written")
        }
        guard !isStream(place) else { return }
        let folder = URL(fileURLWithPath: place).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw ProgramFailure(
                .usage, "cannot write \(path): the folder \(folder) does not exist: make it, or choose another path")
        }
        let exists = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        guard !exists || !isFolder.boolValue else {
            throw ProgramFailure(.usage, "cannot write \(path): it is a folder: name a file in it")
        }
        // A file is replaced, which takes a place beside it.
        guard canCreateFile(in: folder), !exists || FileManager.default.isWritableFile(atPath: place) else {
            throw unwritable(path)
        }
    }

    /// Whether a folder takes a new file, which permissions alone do not say.
    private static func canCreateFile(in folder: String) -> Bool {
        var name = Array("\(folder)/.fedcoord-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        unlink(name)
        return true
    }

    /// Where a file lies that replaces what is at `path`; throws as `check`, and for what is no file.
    public static func file(_ path: String, apartFrom others: [String] = []) throws -> String {
        try check(path, apartFrom: others)
        let place = place(path)
        guard !isStream(place) else {
            throw ProgramFailure(.usage, "\(path) is no file: choose another path")
        }
        return place
    }

    /// Writes the file whole or not at all; throws `ProgramFailure` with a sentence.
    public static func write(_ data: Data, to path: String) throws {
        let place = place(path)
        do {
            guard isStream(place) else { return try data.write(to: URL(fileURLWithPath: place), options: .atomic) }
            let descriptor = open(place, O_WRONLY | O_APPEND)
            guard descriptor >= 0 else { throw unwritable(path) }
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: data)
        } catch {
            throw unwritable(path)
        }
    }

    /// Where `path` leads, whether there is something or not; what is in /dev and /proc stands for itself.
    private static func place(_ path: String) -> String {
        var url = URL(fileURLWithPath: path).standardizedFileURL
        // As many links as a system follows.
        for _ in 0..<40 {
            guard !isInSystem(url.path) else { break }
            let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
            url = folder.appendingPathComponent(url.lastPathComponent)
            guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) else { break }
            url = URL(fileURLWithPath: next, relativeTo: folder).standardizedFileURL
        }
        return url.path
    }

    private static func isInSystem(_ path: String) -> Bool { path.hasPrefix("/dev/") || path.hasPrefix("/proc/") }

    /// Whether there is something at a place that is no file, or stands for one that is open.
    private static func isStream(_ place: String) -> Bool {
        var status = stat()
        guard stat(place, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind != S_IFDIR && (kind != S_IFREG || (isInSystem(place) && !place.hasPrefix("/dev/shm/")))
    }

    private static func unwritable(_ path: String) -> ProgramFailure {
        ProgramFailure(.usage, "cannot write \(path): choose another path, or mend its permissions")
    }
}
