// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a worker cannot go on, or cannot take an assignment.
public struct WorkerError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// The command line or the state directory cannot be used as it is.
        public static let usage = Code(name: "usage")
        /// This worker's data do not fit the run's model.
        public static let unfitData = Code(name: "unfitData")
        /// The coordinator asks for something this worker does not have or know.
        public static let cannotTakeAssignment = Code(name: "cannotTakeAssignment")
        /// The coordinator cannot be reached, or one side does not accept the other's certificate.
        public static let unreachable = Code(name: "unreachable")
        /// The state directory cannot be read or written.
        public static let state = Code(name: "state")
        /// The coordinator broke the protocol.
        public static let protocolViolation = Code(name: "protocolViolation")
        /// The run failed.
        public static let runFailed = Code(name: "runFailed")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence that says what to do.
    public var message: String

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }
}
