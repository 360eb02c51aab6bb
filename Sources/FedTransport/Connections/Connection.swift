// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedWire

/// A conversation with one peer: messages both ways, and bulk transfers between them.
///
/// Sending a message and sending bytes may go on at the same time from any number of tasks; messages do not wait for
/// transfers. Whoever makes connections also ends them: a connection lives as long as the closure it was handed to.
public protocol Connection: AnyObject, Sendable {
    /// Who is at the other end.
    var peer: ConnectionPeer { get }

    /// The peer's messages; for one consumer.
    var messages: InboundMessages { get }

    /// A header for `payload` from `offset` on, on a stream of this end that was never used before.
    ///
    /// `offset` is at most the payload's length, and above 0 only where the peer has said that it holds what is before. To be put
    /// into a message; after that message was sent, `send(_:on:progress:)` sends the bytes.
    func makeTransferHeader(for payload: OutgoingPayload, from offset: Int) -> TransferHeader

    /// Sends a message; suspends while the connection takes no more.
    ///
    /// Throws `TransportError.invalidMessage` or `.tooManyTransfers` for a message that cannot be sent now, otherwise the
    /// reason for which the connection ended.
    func send(_ message: ControlMessage) async throws(TransportError)

    /// Sends the bytes that a message has announced; suspends while the receiver allows no more.
    ///
    /// `progress` is told of each part, in bytes, that was handed to the network. Returns when all were. Throws `TransportError.transferReset` when the receiver gives
    /// up the transfer, `.cancelled` when the task is cancelled (the transfer is then given up), otherwise the reason for
    /// which the connection ended.
    func send(
        _ payload: OutgoingPayload, on header: TransferHeader, progress: @Sendable (Int) -> Void
    ) async throws(TransportError)

    /// Changes the time between heartbeats, from the next heartbeat on; must be positive.
    func setHeartbeatInterval(_ interval: Duration)

    /// Ends the connection, after telling the peer why if there is a reason; a second call does nothing.
    func close(_ reason: PeerError?) async
}

extension Connection {
    /// A header for the whole of `payload`.
    public func makeTransferHeader(for payload: OutgoingPayload) -> TransferHeader {
        makeTransferHeader(for: payload, from: 0)
    }

    /// Sends the bytes that a message has announced, with nobody watching.
    public func send(_ payload: OutgoingPayload, on header: TransferHeader) async throws(TransportError) {
        try await send(payload, on: header) { _ in }
    }
}
