// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Synchronization

/// A store on a disk that is full whenever something new is to be written: everything works at the second attempt only.
final class FullDiskStore: RunStore {
    let base: MemoryRunStore
    /// How often there was no room.
    var refusals: Int { state.withLock { $0.refusals } }
    private let state = Mutex((refusals: 0, isSecond: Set<String>()))

    init(_ base: MemoryRunStore) { self.base = base }

    fileprivate func needRoom(_ what: String) throws(StoreError) {
        let isFull = state.withLock { state in
            if state.isSecond.remove(what) != nil { return false }
            state.isSecond.insert(what)
            state.refusals += 1
            return true
        }
        if isFull { throw StoreError(.diskFull, "no space is left for \(what)") }
    }

    func createRun(_ run: NewRun, now: Date) async throws(StoreError) { try await base.createRun(run, now: now) }

    func setState(_ state: RunState, of run: RunID, failure: String?, now: Date) async throws(StoreError) {
        if state != .running { try needRoom("\(state)") }
        try await base.setState(state, of: run, failure: failure, now: now)
    }

    func run(_ id: RunID) async throws(StoreError) -> StoredRun? { try await base.run(id) }
    func runs() async throws(StoreError) -> [StoredRun] { try await base.runs() }

    func beginRound(_ plan: RoundPlan, of run: RunID, attempt: Int, now: Date) async throws(StoreError) {
        try needRoom("plan \(plan.round)")
        try await base.beginRound(plan, of: run, attempt: attempt, now: now)
    }

    func commitRound(
        _ record: RoundRecord, of run: RunID, next: RoundPlan?, now: Date
    ) async throws(StoreError) {
        try needRoom("record \(record.round)")
        try await base.commitRound(record, of: run, next: next, now: now)
    }

    func abandonRound(_ round: RoundID, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        try await base.abandonRound(round, of: run, reason: reason, now: now)
    }

    func retryRound(_ plan: RoundPlan, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        try needRoom("plan \(plan.round)")
        try await base.retryRound(plan, of: run, reason: reason, now: now)
    }

    func rounds(of run: RunID) async throws(StoreError) -> [StoredRound] { try await base.rounds(of: run) }

    func round(_ round: RoundID, of run: RunID) async throws(StoreError) -> StoredRound? {
        try await base.round(round, of: run)
    }

    func recordLinks(of run: RunID) async throws(StoreError) -> [RecordLink] { try await base.recordLinks(of: run) }
    func openRound(of run: RunID) async throws(StoreError) -> StoredRound? { try await base.openRound(of: run) }

    func noteWorker(_ worker: WorkerID, address: String, agent: String, now: Date) async throws(StoreError) {
        try await base.noteWorker(worker, address: address, agent: agent, now: now)
    }

    func workers() async throws(StoreError) -> [StoredWorker] { try await base.workers() }

    func quarantine(_ worker: WorkerID, reason: String, now: Date) async throws(StoreError) {
        try await base.quarantine(worker, reason: reason, now: now)
    }

    func release(_ worker: WorkerID) async throws(StoreError) -> Bool { try await base.release(worker) }

    func quarantined() async throws(StoreError) -> [StoredQuarantine] { try await base.quarantined() }

    func journal(of run: RunID, round: RoundID) async throws(StoreError) -> any RoundJournal {
        try needRoom("journal \(round)")
        return Journal(base: try await base.journal(of: run, round: round), store: self)
    }

    func storedUpdates(of run: RunID, round: RoundID) async throws(StoreError) -> JournalCursor? {
        try await base.storedUpdates(of: run, round: round)
    }

    func discardJournals(of run: RunID, before round: RoundID) async throws(StoreError) {
        try await base.discardJournals(of: run, before: round)
    }

    func removeLeftovers(of run: RunID) async throws(StoreError) { try await base.removeLeftovers(of: run) }

    func saveCheckpoint(_ checkpoint: Checkpoint) async throws(StoreError) -> CheckpointDigest {
        try needRoom("checkpoint \(checkpoint.version)")
        return try await base.saveCheckpoint(checkpoint)
    }

    func checkpointVersions(of run: RunID) async throws(StoreError) -> [ModelVersion] {
        try await base.checkpointVersions(of: run)
    }

    func checkpoint(
        of run: RunID, version: ModelVersion, layout: ModelLayout
    ) async throws(StoreError) -> Checkpoint {
        try await base.checkpoint(of: run, version: version, layout: layout)
    }

    private struct Journal: RoundJournal {
        let base: any RoundJournal
        let store: FullDiskStore
        var run: RunID { base.run }
        var round: RoundID { base.round }
        var recovery: JournalRecovery { base.recovery }

        func append(_ update: ClientUpdate) async throws(StoreError) {
            try store.needRoom("update \(update.round) of \(update.worker)")
            try await base.append(update)
        }

        func cursor(limits: JournalLimits) async throws(StoreError) -> JournalCursor {
            try await base.cursor(limits: limits)
        }

        func close() async { await base.close() }
    }
}
