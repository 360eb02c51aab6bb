// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A run file or a setting that cannot be used, and what to change.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// The file is missing or cannot be read.
        public static let unreadable = Code(name: "unreadable")
        /// The text is not YAML, or a value has the wrong type.
        public static let malformed = Code(name: "malformed")
        /// A key that no section knows.
        public static let unknownKey = Code(name: "unknownKey")
        /// A value out of its range, an unknown name, or settings that do not go together.
        public static let invalid = Code(name: "invalid")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence that says what to change.
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
