// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a run cannot start or go on.
public struct CoordinatorError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// Rounds kept closing with fewer updates than their quorum.
        public static let quorumNotReached = Code(name: "quorumNotReached")
        /// Somebody stopped the run.
        public static let stopped = Code(name: "stopped")
        /// A round has more updates of more examples than exact sums have room for.
        public static let tooManyExamples = Code(name: "tooManyExamples")
        /// The model or its evaluation failed.
        public static let model = Code(name: "model")
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
