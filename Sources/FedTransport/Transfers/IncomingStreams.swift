// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedWire
internal import NIOCore

/// The transfers that the peer sends on one connection: who may send how much, and what becomes of it.
///
/// Pure bookkeeping. A stream is known from the message that announces it to the END or RESET of its sender; in between
/// this end may have lost interest, and then discards what was granted before the sender heard of it.
struct IncomingStreams {
    /// No more streams are known at once, those included whose bytes are discarded.
    static let maximumKnown = 64
    /// How far below the highest stream a new one may be.
    static let reorderWindow: UInt32 = 1024

    /// What to do with bytes that have arrived.
    enum Delivery {
        /// Hand them to the consumer.
        case deliver(ChunkMailbox)
        /// Drop them.
        case discard
        /// Drop them, send RESET, and tell the consumer that there are more than announced.
        case oversize(ChunkMailbox)
    }

    private struct Entry {
        /// As many bytes are announced.
        let byteCount: Int
        let mailbox: ChunkMailbox
        var received = 0
        var granted = FrameLimits.initialCredit
        var isDiscarding = false
        var quietTicks = 0
    }

    private var entries: [UInt32: Entry] = [:]
    private var highest: UInt32 = 0
    private var used: Set<UInt32> = []

    /// Gets ready for a transfer; the result says whether it is taken or refused for want of room.
    ///
    /// Throws when the stream was used before or too many are known.
    mutating func announce(_ header: TransferHeader, _ mailbox: ChunkMailbox) throws(TransportError) -> Bool {
        let stream = header.stream
        let floor = highest > Self.reorderWindow ? highest - Self.reorderWindow : 0
        guard stream > floor, !used.contains(stream) else {
            throw TransportError(.protocolViolation, "the peer announced a transfer on a stream that it used before")
        }
        guard entries.count < Self.maximumKnown else {
            throw TransportError(.protocolViolation, "the peer announced too many transfers")
        }
        used.insert(stream)
        if stream > highest {
            highest = stream
            if used.count > Int(Self.reorderWindow) {
                let floor = highest > Self.reorderWindow ? highest - Self.reorderWindow : 0
                used = used.filter { $0 > floor }
            }
        }
        let underWay = entries.values.count { !$0.isDiscarding }
        var entry = Entry(byteCount: header.remainingCount, mailbox: mailbox)
        entry.isDiscarding = underWay >= FrameLimits.concurrentTransfers
        entries[stream] = entry
        return !entry.isDiscarding
    }

    /// Counts bytes that have arrived; throws when they were not granted.
    mutating func receive(_ count: Int, on stream: UInt32) throws(TransportError) -> Delivery {
        guard var entry = entries[stream] else {
            throw TransportError(.protocolViolation, "the peer sent bytes on a stream that it has not announced")
        }
        entry.received += count
        entry.quietTicks = 0
        defer { entries[stream] = entry }
        guard entry.received <= entry.granted else {
            throw TransportError(.protocolViolation, "the peer sent more bytes than it was allowed to")
        }
        if entry.isDiscarding { return .discard }
        guard entry.received <= entry.byteCount else {
            entry.isDiscarding = true
            return .oversize(entry.mailbox)
        }
        return .deliver(entry.mailbox)
    }

    /// Forgets a stream whose sender is done; its consumer where there is one, and whether all bytes came.
    mutating func end(_ stream: UInt32) throws(TransportError) -> (mailbox: ChunkMailbox, isComplete: Bool)? {
        guard let entry = entries.removeValue(forKey: stream) else {
            throw TransportError(.protocolViolation, "the peer ended a stream that it has not announced")
        }
        return entry.isDiscarding ? nil : (entry.mailbox, entry.received == entry.byteCount)
    }

    /// Allows further bytes; false when the stream no longer takes any.
    mutating func grant(_ count: Int, on stream: UInt32) -> Bool {
        guard let entry = entries[stream], !entry.isDiscarding else { return false }
        entries[stream]?.granted += count
        entries[stream]?.quietTicks = 0
        return true
    }

    /// Loses interest in a transfer; its consumer when a RESET is due.
    mutating func abandon(_ stream: UInt32) -> ChunkMailbox? {
        guard let entry = entries[stream], !entry.isDiscarding else { return nil }
        entries[stream]?.isDiscarding = true
        return entry.mailbox
    }

    /// Counts one interval; gives up the transfers that had permission to send and sent nothing for `limit` intervals.
    mutating func tick(limit: Int) -> [(stream: UInt32, mailbox: ChunkMailbox)] {
        var stalled: [(stream: UInt32, mailbox: ChunkMailbox)] = []
        for (stream, entry) in entries where !entry.isDiscarding && entry.received < entry.granted {
            entries[stream]?.quietTicks += 1
            if entry.quietTicks >= limit {
                entries[stream]?.isDiscarding = true
                stalled.append((stream, entry.mailbox))
            }
        }
        return stalled
    }

    /// Forgets everything; the consumers that still wait.
    mutating func removeAll() -> [ChunkMailbox] {
        defer { entries = [:] }
        return entries.values.filter { !$0.isDiscarding }.map(\.mailbox)
    }
}

/// The bytes of one transfer on their way to its consumer.
typealias ChunkMailbox = Mailbox<ByteBuffer, TransferError>
