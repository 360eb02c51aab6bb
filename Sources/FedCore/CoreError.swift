// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What went wrong in the vocabulary: a name, a layout or a number that breaks its own rules.
///
/// Two errors are equal when their codes are.
public struct CoreError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A name that is empty, too long or holds other characters than letters, digits, `.`, `_` and `-`.
        public static let invalidName = Code(name: "invalidName")
        /// A layout with a negative dimension, a repeated name or too many parameters.
        public static let invalidLayout = Code(name: "invalidLayout")
        /// As many values as the layout does not have.
        public static let countMismatch = Code(name: "countMismatch")
        /// NaN or infinity, or a magnitude beyond what the accumulator can hold exactly.
        public static let valueOutOfRange = Code(name: "valueOutOfRange")
        /// A weight that is not positive, or a total beyond the bound the accumulator was made for.
        public static let weightOutOfRange = Code(name: "weightOutOfRange")
        /// A setting of the run that breaks its own rules.
        public static let invalidSpecification = Code(name: "invalidSpecification")
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
