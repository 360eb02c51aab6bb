// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What is wrong with bytes from a peer, or with a message that was to become bytes.
///
/// Two errors are equal when their codes are.
public struct WireError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A frame of a type that does not exist.
        public static let unknownFrameType = Code(name: "unknownFrameType")
        /// A frame longer than its type allows, or of another length than its type has.
        public static let invalidFrameLength = Code(name: "invalidFrameLength")
        /// A frame on a stream where it cannot be.
        public static let invalidStream = Code(name: "invalidStream")
        /// Bytes that are not the protobuf message they claim to be.
        public static let malformedMessage = Code(name: "malformedMessage")
        /// A message with a value outside of its range, or without a field it needs.
        public static let invalidField = Code(name: "invalidField")
        /// A message that does not fit into a frame.
        public static let messageTooLarge = Code(name: "messageTooLarge")
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
