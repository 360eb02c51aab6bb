// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedWire

/// The transfers that this end sends on one connection: how much of each the receiver allows.
///
/// Pure bookkeeping, but for the continuation of the sender that waits for credit.
struct OutgoingStreams {
    /// What a sender that wants to go on is told.
    enum Permission: Sendable {
        /// Send so many bytes.
        case send(Int)
        /// The receiver gave up the transfer.
        case reset(ResetCode)
        /// The connection is over.
        case ended
        /// The sender's task was cancelled.
        case cancelled
    }

    typealias Waiter = CheckedContinuation<Permission, Never>

    /// What to do about a RESET.
    enum ResetReaction {
        /// Nothing: the transfer is over, or its sender will see it.
        case none
        /// Wake the sender, which answers.
        case wake(Waiter)
        /// Answer with a RESET: no sender is at work.
        case answer
    }

    private struct Entry {
        var credit = FrameLimits.initialCredit
        var isAnnounced = false
        var isSending = false
        var hasEnded = false
        var reset: ResetCode?
        var waiter: (continuation: Waiter, wanted: Int)?
    }

    private let role: ConnectionRole
    private var nextStream: UInt32
    private var entries: [UInt32: Entry] = [:]

    init(role: ConnectionRole) {
        self.role = role
        nextStream = role.firstStream
    }

    /// A stream never used before; nil when all are used up.
    mutating func open() -> UInt32? {
        guard nextStream < UInt32.max - 2 else { return nil }
        defer { nextStream += 2 }
        entries[nextStream] = Entry()
        return nextStream
    }

    /// Notes that a message with the stream is about to be sent; false when too many transfers are under way.
    mutating func announce(_ stream: UInt32) -> Bool {
        precondition(entries[stream]?.isAnnounced == false, "a transfer is announced once, on a stream made for it")
        let underWay = entries.values.count { $0.isAnnounced && $0.reset == nil }
        guard underWay < FrameLimits.concurrentTransfers else {
            entries[stream] = nil
            return false
        }
        entries[stream]?.isAnnounced = true
        return true
    }

    /// Notes that a task sends the bytes now.
    ///
    /// A code when the receiver has given up already; nothing further is to be sent then.
    mutating func begin(_ stream: UInt32) -> ResetCode? {
        precondition(
            entries[stream].map { $0.isAnnounced && !$0.isSending } ?? false,
            "bytes are sent once, after the message that announces them")
        if let reset = entries[stream]?.reset {
            entries[stream] = nil
            return reset
        }
        entries[stream]?.isSending = true
        return nil
    }

    /// Takes up to `wanted` bytes of credit; nil when there is none now.
    mutating func take(_ wanted: Int, on stream: UInt32) -> Permission? {
        guard var entry = entries[stream] else { return .ended }
        if let reset = entry.reset { return .reset(reset) }
        guard entry.credit > 0 else { return nil }
        let taken = min(entry.credit, wanted)
        entry.credit -= taken
        entries[stream] = entry
        return .send(taken)
    }

    /// Keeps the continuation of the one sender of a stream until credit comes.
    mutating func wait(_ waiter: Waiter, wanted: Int, on stream: UInt32) {
        entries[stream]?.waiter = (waiter, wanted)
    }

    /// Takes back the continuation of a sender.
    mutating func stopWaiting(_ stream: UInt32) -> Waiter? {
        defer { entries[stream]?.waiter = nil }
        return entries[stream]?.waiter?.continuation
    }

    /// Adds credit; a sender to wake, and what it may send. Throws for a stream that was never announced.
    mutating func credit(_ count: Int, on stream: UInt32) throws(TransportError) -> (Waiter, Permission)? {
        guard try isKnown(stream), var entry = entries[stream] else { return nil }
        entry.credit = min(entry.credit + count, FrameLimits.transferBytes * 2)
        defer { entries[stream] = entry }
        guard let waiter = entry.waiter else { return nil }
        entry.waiter = nil
        let taken = min(entry.credit, waiter.wanted)
        entry.credit -= taken
        return (waiter.continuation, .send(taken))
    }

    /// Notes that the receiver gave up. Throws for a stream that was never announced.
    mutating func reset(_ stream: UInt32, _ code: ResetCode) throws(TransportError) -> ResetReaction {
        guard try isKnown(stream), let entry = entries[stream], entry.reset == nil, !entry.hasEnded else {
            return .none
        }
        entries[stream]?.reset = code
        guard entry.isSending else { return .answer }
        guard let waiter = stopWaiting(stream) else { return .none }
        return .wake(waiter)
    }

    /// Notes that END is about to be sent; a code when the receiver gave up before.
    mutating func willEnd(_ stream: UInt32) -> ResetCode? {
        entries[stream]?.hasEnded = true
        return entries[stream]?.reset
    }

    /// Forgets a stream whose END or RESET was sent.
    mutating func close(_ stream: UInt32) { entries[stream] = nil }

    /// Forgets everything; the senders that wait.
    mutating func removeAll() -> [Waiter] {
        defer { entries = [:] }
        return entries.values.compactMap { $0.waiter?.continuation }
    }

    /// Whether a frame of the receiver may be about this stream: one that this end has announced, over or not.
    private func isKnown(_ stream: UInt32) throws(TransportError) -> Bool {
        guard role.owns(stream), stream < nextStream else {
            throw TransportError(.protocolViolation, "the peer answered to a transfer that was never announced")
        }
        return entries[stream]?.isAnnounced ?? false
    }
}
