// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// The right of one process to work on a federation's directory.
///
/// An advisory lock (`flock`) on the file `lock` in the directory: the system releases it when the process ends,
/// however it ends. Held until `release` or until the last reference goes.
public final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of a directory.
    ///
    /// Throws `StoreError.locked` when another coordinator holds it, `.missing` or `.unwritable` when the lock file
    /// cannot be made.
    public init(directory: String) throws(StoreError) {
        let path = directory + "/lock"
        // `self.descriptor` is set last: once it is, `deinit` closes it, even when this throws.
        let descriptor = try DurableFiles.open(path, O_RDWR | O_CREAT)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = (try? DurableFiles.read(descriptor, at: 0, count: 8, path: path)).flatMap { $0 }
                .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .system(number, path) }
            throw StoreError(
                .locked,
                "another coordinator works on \(directory): stop it first, or use another directory",
                cause: holder.map { "process \($0)" })
        }
        let process = String(repeating: " ", count: 8) + String(getpid())
        Array(process.suffix(8).utf8).withUnsafeBytes { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        self.descriptor = descriptor
    }

    // Unlocked first: a child process that is just being started shares the open file for a moment.
    deinit {
        release()
        close(descriptor)
    }

    /// Gives the lock back; again is harmless.
    public func release() { flock(descriptor, LOCK_UN) }
}
