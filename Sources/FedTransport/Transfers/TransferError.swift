// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Why the bytes of a transfer did not arrive; the connection lives on unless the code is `connectionLost`.
///
/// Two errors are equal when their codes are.
public struct TransferError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// Fewer bytes came than were announced.
        public static let truncated = Code(name: "truncated")
        /// More bytes came than were announced.
        public static let oversize = Code(name: "oversize")
        /// The bytes do not have the announced SHA-256.
        public static let digestMismatch = Code(name: "digestMismatch")
        /// More bytes are announced than this end takes.
        public static let tooLarge = Code(name: "tooLarge")
        /// More transfers were under way than this end takes at once.
        public static let tooManyTransfers = Code(name: "tooManyTransfers")
        /// The sender had permission to send and sent nothing for too long.
        public static let stalled = Code(name: "stalled")
        /// The sender gave up.
        public static let abandoned = Code(name: "abandoned")
        /// The connection ended first.
        public static let connectionLost = Code(name: "connectionLost")
        /// The task that waited for the bytes was cancelled.
        public static let cancelled = Code(name: "cancelled")
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

    /// Whether the bytes may still come over another connection.
    public var isConnectionLoss: Bool { code == .connectionLost || code == .cancelled }

    /// The sentence.
    public var description: String { message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }
}
