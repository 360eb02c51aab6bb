// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a simulation did not come to its end.
public struct SimulationError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A program or folder is missing or cannot be used.
        public static let setUp = Code(name: "setUp")
        /// The coordinator ended without a report.
        public static let coordinatorFailed = Code(name: "coordinatorFailed")
        /// All workers ended before the run did.
        public static let workersGone = Code(name: "workersGone")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence that says what to do.
    public var message: String
    /// The exit code of the process that failed, if one did.
    public var exitCode: Int32?

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String, exitCode: Int32? = nil) {
        self.code = code
        self.message = message
        self.exitCode = exitCode
    }

    /// The sentence.
    public var description: String { message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }
}
