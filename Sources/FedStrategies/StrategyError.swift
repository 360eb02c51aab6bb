// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why a strategy cannot be made, cannot plan, or did not yield a model.
///
/// Two errors are equal when their codes are.
public struct StrategyError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// No strategy has this name.
        public static let unknownStrategy = Code(name: "unknownStrategy")
        /// An option out of its range.
        public static let invalidSpecification = Code(name: "invalidSpecification")
        /// A round cannot be planned without workers.
        public static let noWorkers = Code(name: "noWorkers")
        /// What was saved beside a model does not belong to it.
        public static let invalidState = Code(name: "invalidState")
        /// The new model would hold NaN or infinity.
        public static let nonFiniteModel = Code(name: "nonFiniteModel")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person.
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
