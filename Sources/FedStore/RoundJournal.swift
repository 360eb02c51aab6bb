// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The updates that go into a round's model, in the order they were acknowledged: its own, and late ones of earlier rounds.
public protocol RoundJournal: Sendable {
    /// The run and round whose updates it holds.
    var run: RunID { get }
    /// The round whose updates it holds.
    var round: RoundID { get }
    /// What was found when it was opened.
    var recovery: JournalRecovery { get }

    /// Makes an update durable: after the return it may be acknowledged.
    ///
    /// Throws `StoreError.diskFull` or `.failed`, and the journal is as before; `.closed`. The update must be of this
    /// run, and of this round or an earlier one.
    func append(_ update: ClientUpdate) async throws(StoreError)

    /// Reads the updates that are durable at this moment, from the first one on, one at a time.
    func cursor(limits: JournalLimits) async throws(StoreError) -> JournalCursor

    /// Refuses further appends, waits for those under way and lets the journal be opened again; cursors stay usable.
    func close() async
}

extension RoundJournal {
    /// Reads the updates that are durable at this moment, within the default limits.
    public func cursor() async throws(StoreError) -> JournalCursor {
        try await cursor(limits: JournalLimits())
    }
}
