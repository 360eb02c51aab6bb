// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Synchronization

/// A journal in memory: the reference, for tests and simulations.
public final class MemoryRoundJournal: RoundJournal {
    public let run: RunID
    public let round: RoundID
    public var recovery: JournalRecovery { JournalRecovery(recordCount: updates.withLock { $0.count }) }
    private let updates = Mutex<[ClientUpdate]>([])

    /// An empty journal.
    public init(run: RunID, round: RoundID) {
        self.run = run
        self.round = round
    }

    public func append(_ update: ClientUpdate) async throws(StoreError) {
        precondition(update.run == run && update.round <= round, "a journal holds updates of its round or earlier ones")
        updates.withLock { $0.append(update) }
    }

    public func cursor(limits: JournalLimits) async throws(StoreError) -> JournalCursor {
        let snapshot = updates.withLock { $0 }
        return JournalCursor(start: 0) { index async throws(StoreError) in
            guard index < snapshot.count else { return nil }
            guard snapshot[index].payload.count <= limits.maximumPayloadBytes else {
                throw StoreError(.limitExceeded, "the journal holds an update that is too large to read")
            }
            return (snapshot[index], index + 1)
        }
    }

    public func close() async {}
}
