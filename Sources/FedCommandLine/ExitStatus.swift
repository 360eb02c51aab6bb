// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The exit codes of both programs, as the README lists them.
public enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Done.
    case done = 0
    /// The command line, a run file or a data file cannot be used as it is.
    case usage = 2
    /// The run could not be carried out.
    case runFailed = 3
    /// The other side could not be reached, or one side does not accept the other.
    case unreachable = 4
    /// Interrupted by a signal (128 + SIGINT, as shells count).
    case interrupted = 130
}

/// A failure that ends a program: an exit code and one sentence.
public struct ProgramFailure: Error, CustomStringConvertible, Sendable {
    /// The exit code.
    public var status: ExitStatus
    /// One sentence that says what to do.
    public var message: String

    /// A failure.
    public init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
