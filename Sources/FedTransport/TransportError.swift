// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedWire

/// Why a connection could not be made, or why it ended.
///
/// Two errors are equal when their codes are.
public struct TransportError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String
        let isPassing: Bool

        /// Nobody answers at the address: wrong, down, or behind a broken network.
        public static let unreachable = Code(name: "unreachable", isPassing: true)
        /// The address to listen at is taken or not ours.
        public static let cannotListen = Code(name: "cannotListen", isPassing: false)
        /// The server does not accept this end's certificate, or wants one and got none.
        public static let certificateRefused = Code(name: "certificateRefused", isPassing: false)
        /// The peer's certificate is not from the authority, not valid now, or for another name.
        public static let peerNotTrusted = Code(name: "peerNotTrusted", isPassing: false)
        /// The peer does not speak TLS 1.3, or not this protocol.
        public static let incompatible = Code(name: "incompatible", isPassing: false)
        /// A certificate or key of this end is unusable.
        public static let invalidIdentity = Code(name: "invalidIdentity", isPassing: false)
        /// The peer did not complete the handshake in time or in order.
        public static let handshakeFailed = Code(name: "handshakeFailed", isPassing: true)
        /// The connection broke.
        public static let connectionLost = Code(name: "connectionLost", isPassing: true)
        /// The peer said nothing for more than three heartbeats.
        public static let silent = Code(name: "silent", isPassing: true)
        /// The peer broke the protocol.
        public static let protocolViolation = Code(name: "protocolViolation", isPassing: false)
        /// The peer closed the connection; `peerError` says why, if it did.
        public static let closedByPeer = Code(name: "closedByPeer", isPassing: true)
        /// This end closed the connection.
        public static let closed = Code(name: "closed", isPassing: true)
        /// The receiver gave up a transfer; the connection lives on.
        public static let transferReset = Code(name: "transferReset", isPassing: true)
        /// More transfers were announced than may be under way at once; the connection lives on.
        public static let tooManyTransfers = Code(name: "tooManyTransfers", isPassing: true)
        /// A message cannot be sent as it is; the connection lives on.
        public static let invalidMessage = Code(name: "invalidMessage", isPassing: false)
        /// The task was cancelled.
        public static let cancelled = Code(name: "cancelled", isPassing: true)
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person.
    public var message: String
    /// What the peer gave as the reason when it closed the connection.
    public var peerError: PeerError?
    /// Why the receiver gave up a transfer.
    public var resetCode: ResetCode?

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String, peerError: PeerError? = nil, resetCode: ResetCode? = nil) {
        self.code = code
        self.message = message
        self.peerError = peerError
        self.resetCode = resetCode
    }

    /// Whether the same attempt can succeed later without anybody changing anything.
    public var isPassing: Bool { peerError?.isPassing ?? code.isPassing }

    /// Whether a peer was turned away before the connection was usable.
    var isRefusal: Bool {
        switch code {
        case .peerNotTrusted, .incompatible, .handshakeFailed, .certificateRefused: true
        default: false
        }
    }

    /// The sentence.
    public var description: String { message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }
}
