// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// The right of one process to use a worker's state directory.
///
/// An advisory lock (`flock`) on the file `lock` in the directory: the system releases it when the process ends,
/// however it ends. Held until the last reference goes.
public final class StateLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of a directory, which is made when it is absent.
    ///
    /// Throws `WorkerError.state` when another process holds it, or when the directory or the file cannot be made.
    public init(directory: String) throws(WorkerError) {
        try StateDirectory.make(directory)
        let opened = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw StateDirectory.unwritable(directory, errno) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(opened)
            guard number == EWOULDBLOCK else { throw StateDirectory.unwritable(directory, number) }
            throw WorkerError(
                .state, "another worker uses \(directory): give this one a directory of its own with --state")
        }
        descriptor = opened
    }

    // Unlocked first: a child process that is just being started shares the open file for a moment.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the lock of a directory if there is one; nil when it is absent.
    ///
    /// Throws what `init` throws.
    public static func ofExisting(directory: String) throws(WorkerError) -> StateLock? {
        guard StateDirectory.exists(directory) else { return nil }
        return try StateLock(directory: directory)
    }
}
