// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// How many files and connections the process may have open.
public enum OpenFiles {
    /// Fewer places for connections are not enough to serve a federation.
    private static let fewestConnections = 32

    /// Raises the limit as far as the system allows, for every worker takes one, and returns it.
    @discardableResult
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// What is kept for journals, checkpoints, the database and connections on their way out, and for the event loops of
    /// every processor: connections must never leave the process without a file.
    private static var reserve: Int { 96 + 3 * ProcessInfo.processInfo.processorCount }

    /// How many connections a limit of open files leaves room for; throws `ProgramFailure` when they are too few.
    public static func connections(limit: Int) throws(ProgramFailure) -> Int {
        let connections = limit - reserve
        guard connections >= fewestConnections else {
            throw ProgramFailure(
                .usage,
                "this process may have \(limit) files open, which are too few: raise the limit (ulimit -n) to at least "
                    + "\(reserve + fewestConnections)")
        }
        return connections
    }
}
