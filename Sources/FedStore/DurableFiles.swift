// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// System calls on files, with `StoreError`s and without half results.
///
/// Everything that changes a file goes through here, and so past the `CrashPoints`.
enum DurableFiles {
    /// Makes a directory and those above it, and makes their names durable; one that exists is left as it is.
    static func makeDirectory(_ path: String) throws(StoreError) {
        if access(path, F_OK) == 0 { return }
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            let parent = partial.isEmpty ? "." : partial
            partial += partial.isEmpty || partial.hasSuffix("/") ? String(component) : "/" + component
            if access(partial, F_OK) == 0 { continue }
            let failure = CrashPoints.around(.makeDirectory, CrashPoints.place(partial)) {
                mkdir(partial, 0o700) == 0 ? 0 : errno
            }
            if failure == 0 {
                try synchronizeDirectory(parent)
            } else if failure != EEXIST && failure != EISDIR {
                throw .system(failure, partial)
            }
        }
    }

    /// Opens a file, with mode 0600 if it is made; the caller closes it.
    static func open(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        func openIt() -> (descriptor: Int32, failure: Int32) {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
            return (descriptor, errno)
        }
        let (descriptor, failure) =
            flags & O_CREAT == 0 ? openIt() : CrashPoints.around(.create, CrashPoints.place(path), openIt)
        guard descriptor >= 0 else { throw .system(failure, path) }
        return descriptor
    }

    /// Writes all bytes at an offset; 0, or the error number.
    static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
        func half() { _ = put(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), at: offset) }
        return CrashPoints.around(.write, CrashPoints.place(descriptor), half: half) {
            put(descriptor, bytes, at: offset)
        }
    }

    private static func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? EIO : errno }
            done += count
        }
        return 0
    }

    /// Makes the bytes of a file durable; 0, or the error number.
    static func synchronize(_ descriptor: Int32) -> Int32 {
        CrashPoints.around(.synchronize, CrashPoints.place(descriptor)) { fdatasync(descriptor) == 0 ? 0 : errno }
    }

    /// Cuts a file off; 0, or the error number.
    static func truncate(_ descriptor: Int32, to length: Int) -> Int32 {
        CrashPoints.around(.truncate, CrashPoints.place(descriptor)) {
            ftruncate(descriptor, off_t(length)) == 0 ? 0 : errno
        }
    }

    /// Takes a file's name away; one that is not there is no error. Returns 0, or the error number.
    @discardableResult
    static func remove(_ path: String) -> Int32 {
        CrashPoints.around(.remove, CrashPoints.place(path)) { unlink(path) == 0 || errno == ENOENT ? 0 : errno }
    }

    /// Fills the buffer from `offset` on; false when the file ends before.
    static func readAll(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String
    ) throws(StoreError) -> Bool {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno, path) }
            if count == 0 { return false }
            done += count
        }
        return true
    }

    /// `count` bytes from `offset` on, or nil when the file ends before; the caller has checked `count`.
    static func read(_ descriptor: Int32, at offset: Int, count: Int, path: String) throws(StoreError) -> [UInt8]? {
        var failure: StoreError?
        var complete = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(StoreError) {
                let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
                complete = try readAll(descriptor, part, at: offset, path: path)
            } catch {
                failure = error
            }
            initialized = complete ? count : 0
        }
        if let failure { throw failure }
        return complete ? bytes : nil
    }

    /// The size of an open file in bytes.
    static func size(_ descriptor: Int32, path: String) throws(StoreError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno, path) }
        return Int(status.st_size)
    }

    /// Makes names that were added to or removed from a directory durable.
    static func synchronizeDirectory(_ path: String) throws(StoreError) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        let failure = CrashPoints.around(.synchronize, CrashPoints.place(path)) { fsync(descriptor) == 0 ? 0 : errno }
        guard failure == 0 else { throw .system(failure, path) }
    }

    /// Writes a file beside its place, makes it durable and renames it into place; then makes the name durable.
    ///
    /// `body` writes to the descriptor and returns 0 or an error number.
    static func replace(
        _ name: String, in directory: String, _ body: (Int32) -> Int32
    ) throws(StoreError) {
        let path = "\(directory)/\(name)"
        let temporary = "\(path).\(getpid())\(temporarySuffix)"
        let descriptor = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
        var failure = body(descriptor)
        if failure == 0 {
            failure = CrashPoints.around(.synchronize, CrashPoints.place(temporary)) {
                fsync(descriptor) == 0 ? 0 : errno
            }
        }
        close(descriptor)
        if failure == 0 {
            failure = CrashPoints.around(.rename, CrashPoints.place(path)) {
                rename(temporary, path) == 0 ? 0 : errno
            }
        }
        guard failure == 0 else {
            remove(temporary)
            throw .system(failure, path)
        }
        try synchronizeDirectory(directory)
    }

    /// Whether a few more bytes can be written beside a file.
    static func hasRoom(beside path: String) -> Bool {
        let probe = "\(path).\(getpid())\(temporarySuffix)"
        let descriptor = Glibc.open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        var failure = descriptor >= 0 ? 0 : errno
        if descriptor >= 0 {
            failure = [UInt8](repeating: 0, count: 1 << 16).withUnsafeBytes { put(descriptor, $0, at: 0) }
            if failure == 0, fsync(descriptor) != 0 { failure = errno }
            close(descriptor)
            unlink(probe)
        }
        return ![ENOSPC, EDQUOT, EFBIG].contains(failure)
    }

    /// What names of files end in that have not been renamed into place.
    static let temporarySuffix = ".tmp"

    /// The names in a directory, sorted; empty when it is missing.
    static func list(_ path: String) throws(StoreError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .system(errno, path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
