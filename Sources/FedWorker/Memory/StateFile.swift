// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZlib
internal import Foundation

/// A file in the state directory that is written whole or not at all.
struct StateFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    /// The CRC-32 of what was written so far.
    private(set) var checksum: UInt = 0

    /// Replaces `file` by what `body` writes; with `isDurable` it is on the disk when the call returns.
    ///
    /// Throws `WorkerError.state` with a sentence that names the folder; the file is then as it was.
    static func replace(
        _ file: URL, isDurable: Bool, _ body: (inout StateFile) throws(WorkerError) -> Void
    ) throws(WorkerError) {
        let temporary = file.path + ".partial"
        var writer = try StateFile(path: temporary)
        do throws(WorkerError) {
            try body(&writer)
            try writer.close(isDurable: isDurable)
            guard rename(temporary, file.path) == 0 else {
                throw StateDirectory.unwritable(folder(of: file.path), errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        if isDurable { try syncFolder(of: file) }
    }

    /// Makes what was renamed or removed in the file's folder durable.
    static func syncFolder(of file: URL) throws(WorkerError) {
        let path = folder(of: file.path)
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw StateDirectory.unwritable(path, errno) }
        let failure = fsync(opened) == 0 ? 0 : errno
        Foundation.close(opened)
        guard failure == 0 else { throw StateDirectory.unwritable(path, failure) }
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private init(path: String) throws(WorkerError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StateDirectory.unwritable(Self.folder(of: path), errno) }
    }

    deinit { Foundation.close(descriptor) }

    /// Appends bytes.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(WorkerError) {
        // Of no bytes at all zlib's function begins anew.
        if !bytes.isEmpty { checksum = crc32_z(checksum, bytes.baseAddress, bytes.count) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw StateDirectory.unwritable(Self.folder(of: path), count < 0 ? errno : ENOSPC)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Appends bytes.
    mutating func write(_ bytes: [UInt8]) throws(WorkerError) {
        var failure: WorkerError?
        bytes.withUnsafeBytes { bytes in
            do throws(WorkerError) { try write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func close(isDurable: Bool) throws(WorkerError) {
        guard !isDurable || fdatasync(descriptor) == 0 else {
            throw StateDirectory.unwritable(Self.folder(of: path), errno)
        }
    }
}
