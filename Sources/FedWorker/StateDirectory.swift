// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// The directory in which a worker keeps what must survive a restart.
enum StateDirectory {
    /// Makes a directory, and those above it, that only its owner may enter; one that exists is left as it is.
    ///
    /// Throws `WorkerError.state`, naming the directory.
    static func make(_ path: String) throws(WorkerError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? String(component) : "/" + component
            guard mkdir(partial, 0o700) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw WorkerError(
                .state,
                "the state directory \(path) cannot be made (\(reason(errno))): name a place that you may write to with "
                    + "--state")
        }
        guard exists(path) else {
            throw WorkerError(
                .state, "the state directory \(path) is not a directory: name another place with --state")
        }
    }

    /// Whether `path` is a directory.
    static func exists(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Writes a file into the directory and removes it again.
    ///
    /// Throws `WorkerError.state`, naming the directory, if that fails.
    static func proveWritable(_ path: String) throws(WorkerError) {
        let probe = path + "/probe.\(getpid())"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        // As much as a key, a certificate and their like need.
        let bytes = [UInt8](repeating: 0, count: 16_384)
        let count = write(descriptor, bytes, bytes.count)
        var failure = count == bytes.count ? 0 : (count < 0 ? errno : ENOSPC)
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        unlink(probe)
        guard failure == 0 else { throw unwritable(path, failure) }
    }

    static func unwritable(_ path: String, _ number: Int32) -> WorkerError {
        WorkerError(
            .state,
            "cannot write to the state directory \(path) (\(reason(number))): check its permissions and free space")
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
