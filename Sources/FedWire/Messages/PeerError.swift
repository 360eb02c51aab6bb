// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The last message on a connection: why its sender closes it.
public struct PeerError: Error, Hashable, CustomStringConvertible, Sendable {
    /// Why, as a number on the wire; unknown numbers are kept as they are.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The number on the wire, never reused.
        public let rawValue: UInt32

        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The ends have no protocol version in common. Trying again is of no use.
        public static let version = Code(rawValue: 1)
        /// The peer broke the protocol.
        public static let protocolViolation = Code(rawValue: 2)
        /// No room for another connection now; try again later. Reserved: this version does not send it.
        public static let busy = Code(rawValue: 3)
        /// A newer connection of the same worker took the place of this one.
        public static let replaced = Code(rawValue: 4)
        /// The peer's certificate was revoked. Trying again is of no use.
        public static let revoked = Code(rawValue: 5)
        /// The sender is shutting down; try again later.
        public static let shuttingDown = Code(rawValue: 6)
        /// The peer was silent for too long.
        public static let silent = Code(rawValue: 7)
        /// The peer is not admitted: an unknown name, an invalid secret. Trying again is of no use.
        public static let notAdmitted = Code(rawValue: 8)
        /// The sender failed; try again later.
        public static let internalError = Code(rawValue: 9)
        /// The worker takes no part until somebody releases it; it may try again later.
        public static let quarantined = Code(rawValue: 10)

        /// The codes with a meaning, in the order of their numbers, with the names that documents use.
        package static let named: [(code: Code, name: String)] = [
            (.version, "version"), (.protocolViolation, "protocol-violation"), (.busy, "busy"),
            (.replaced, "replaced"), (.revoked, "revoked"), (.shuttingDown, "shutting-down"), (.silent, "silent"),
            (.notAdmitted, "not-admitted"), (.internalError, "internal-error"), (.quarantined, "quarantined"),
        ]

        /// The name, as in `shutting-down`, or the number.
        public var description: String { Self.named.first { $0.code == self }?.name ?? "code-\(rawValue)" }
    }

    /// Why.
    public var code: Code
    /// One sentence for a person; at most 1024 bytes.
    public var message: String

    /// A reason to close a connection.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Code and sentence.
    public var description: String { "\(code): \(message)" }

    /// Whether the same connection attempt can succeed later without anybody changing anything.
    public var isPassing: Bool {
        switch code {
        case .version, .revoked, .notAdmitted, .replaced: false
        default: true
        }
    }
}
