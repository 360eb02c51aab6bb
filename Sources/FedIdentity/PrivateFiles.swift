// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Files that only their owner may read: made whole or not at all.
enum PrivateFiles {
    /// Makes a directory (and those above it) that only its owner may enter; one that exists is left as it is.
    static func makeDirectory(_ path: String) throws(IdentityError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? String(component) : "/" + component
            guard mkdir(partial, 0o700) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw unwritable(partial)
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw IdentityError(.unwritableFile, "\(path) exists and is not a directory: choose another place")
        }
    }

    /// Writes a file next to its place, makes it durable and renames it into place, so that no reader and no crash
    /// sees half of it.
    ///
    /// Throws `IdentityError.unwritableFile`, leaving what was there.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(IdentityError) {
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unwritable(path) }
        let failure = fill(descriptor, with: bytes, mode: mode)
        close(descriptor)
        if failure == 0, rename(temporary, path) == 0 {
            try synchronizeDirectory(of: path)
            return
        }
        if failure != 0 { errno = failure }
        let error = unwritable(path)
        unlink(temporary)
        throw error
    }

    /// Adds a line to a file, durably; a missing last newline is made up for.
    static func append(line: String, to path: String) throws(IdentityError) {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unwritable(path) }
        defer { close(descriptor) }
        var last = UInt8(ascii: "\n")
        let end = lseek(descriptor, 0, SEEK_END)
        if end > 0 { _ = pread(descriptor, &last, 1, end - 1) }
        let bytes = Array(((last == UInt8(ascii: "\n") ? "" : "\n") + line + "\n").utf8)
        let failure = fill(descriptor, with: bytes, mode: nil)
        if failure != 0 {
            errno = failure
            throw unwritable(path)
        }
    }

    /// The content of a file of at most `limit` bytes.
    ///
    /// Throws `IdentityError.missingFile`, `.unreadableFile` or, for a longer file, `.corruptFile`.
    static func read(_ path: String, limit: Int = 1 << 20) throws(IdentityError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw IdentityError(.missingFile, "\(path) is missing") }
            throw unreadable(path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw IdentityError(.corruptFile, "\(path) is longer than \(limit) bytes: it is not what it should be")
            }
        }
    }

    /// The text of a file, as `read` reads it; throws `IdentityError.corruptFile` when it is not UTF-8.
    static func readText(_ path: String, limit: Int = 1 << 20) throws(IdentityError) -> String {
        guard let text = String(validating: try read(path, limit: limit), as: UTF8.self) else {
            throw IdentityError(.corruptFile, "\(path) is not text: restore it from a copy")
        }
        return text
    }

    /// Whether something exists at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory, sorted; empty when it is missing.
    static func list(_ path: String) throws(IdentityError) -> [String] {
        guard exists(path) else { return [] }
        return try IdentityError.wrapping(.unreadableFile, "\(path) cannot be listed: check its permissions") {
            try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        }
    }

    /// Makes renames in the directory that holds `path` durable.
    static func synchronizeDirectory(of path: String) throws(IdentityError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unwritable(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unwritable(path) }
    }

    /// 0 when all bytes are written and durable, else the error number.
    private static func fill(_ descriptor: Int32, with bytes: [UInt8], mode: mode_t?) -> Int32 {
        if let mode, fchmod(descriptor, mode) != 0 { return errno }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return errno == 0 ? EIO : errno }
            offset += count
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    static func unwritable(_ path: String) -> IdentityError {
        let reason = String(cString: strerror(errno))
        return IdentityError(
            .unwritableFile, "\(path) cannot be written: check permissions and free space", cause: reason)
    }

    private static func unreadable(_ path: String) -> IdentityError {
        let reason = String(cString: strerror(errno))
        return IdentityError(.unreadableFile, "\(path) cannot be read: check its owner and permissions", cause: reason)
    }
}
