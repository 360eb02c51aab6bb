// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The peer's messages in the order in which it sent them.
///
/// For one consumer. Ends when the peer closes the connection in order, when this end closes it, and when the waiting
/// task is cancelled; throws `TransportError` when the connection breaks. The peer's `PeerError` is the last message
/// before the end. Of heartbeats that wait to be consumed only the newest is kept.
public struct InboundMessages: AsyncSequence, Sendable {
    public typealias Element = InboundMessage
    public typealias Failure = TransportError

    /// Waits for one message after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let inbox: MessageInbox

        public mutating func next() async throws(TransportError) -> InboundMessage? {
            try await inbox.next()
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TransportError) -> InboundMessage? {
            try await inbox.next()
        }
    }

    let inbox: MessageInbox

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inbox: inbox) }
}
