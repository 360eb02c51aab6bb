// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// The state of a federation in memory: the reference, for tests and simulations. Nothing survives the process.
public actor MemoryRunStore: RunStore {
    private struct Entry {
        var run: StoredRun
        var rounds: [RoundID: StoredRound] = [:]
        var journals: [RoundID: MemoryRoundJournal] = [:]

        var openRound: StoredRound? { rounds.values.first { $0.state == .planned } }
    }

    private var entries: [RunID: Entry] = [:]
    private var checkpoints: [RunID: [ModelVersion: Checkpoint]] = [:]
    private var aside: [WorkerID: StoredQuarantine] = [:]
    private var known: [WorkerID: StoredWorker] = [:]
    private let keptCheckpoints: Int

    /// An empty store that keeps the newest `keptCheckpoints` of each run.
    public init(keptCheckpoints: Int = 2) {
        precondition(keptCheckpoints >= 1, "at least one checkpoint is kept")
        self.keptCheckpoints = keptCheckpoints
    }

    public func createRun(_ run: NewRun, now: Date) async throws(StoreError) {
        guard entries[run.id] == nil else {
            throw StoreError(.alreadyExists, "run \(run.id) exists already: choose another name")
        }
        entries[run.id] = Entry(run: StoredRun(run, created: now))
    }

    public func setState(_ state: RunState, of run: RunID, failure: String?, now: Date) async throws(StoreError) {
        var entry = try entry(run)
        try entry.run.advance(to: state, failure: failure, now: now)
        entries[run] = entry
    }

    public func run(_ id: RunID) async throws(StoreError) -> StoredRun? { entries[id]?.run }

    public func runs() async throws(StoreError) -> [StoredRun] {
        entries.values.map(\.run).sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    public func beginRound(_ plan: RoundPlan, of run: RunID, attempt: Int, now: Date) async throws(StoreError) {
        var entry = try entry(run)
        try entry.run.checkRunning()
        let previous = entry.rounds[plan.round].map { ($0.state, $0.attempt) }
        try StoredRound.checkBegin(
            plan.round, attempt: attempt, previous: previous, open: entry.openRound?.round)
        entry.rounds[plan.round] = StoredRound(
            run: run, round: plan.round, state: .planned, attempt: attempt, plan: plan, begun: now)
        entries[run] = entry
    }

    public func commitRound(
        _ record: RoundRecord, of run: RunID, next: RoundPlan?, now: Date
    ) async throws(StoreError) {
        var entry = try entry(run)
        try entry.run.checkRunning()
        try StoredRound.checkClose(record.round, state: entry.rounds[record.round]?.state)
        try StoredRound.checkNext(next, after: record)
        entry.rounds[record.round]?.state = .committed
        entry.rounds[record.round]?.record = record
        entry.rounds[record.round]?.reason = nil
        entry.rounds[record.round]?.closed = now
        if let stored = entry.rounds[record.round] {
            let previous = record.round.rawValue > 1 ? entry.rounds[RoundID(record.round.rawValue - 1)]?.hash : nil
            entry.rounds[record.round]?.hash = RecordChain.next(
                after: previous ?? RecordChain.start(of: entry.run), plan: try StoreJSON.text(stored.plan),
                record: try StoreJSON.text(record))
        }
        entry.run.modelSHA256 = record.modelSHA256
        if let next {
            let previous = entry.rounds[next.round].map { ($0.state, $0.attempt) }
            try StoredRound.checkBegin(next.round, attempt: 1, previous: previous, open: entry.openRound?.round)
            entry.rounds[next.round] = StoredRound(
                run: run, round: next.round, state: .planned, attempt: 1, plan: next, begun: now)
        }
        entries[run] = entry
    }

    public func abandonRound(_ round: RoundID, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        var entry = try entry(run)
        try entry.run.checkRunning()
        try StoredRound.checkClose(round, state: entry.rounds[round]?.state)
        entry.rounds[round]?.state = .abandoned
        entry.rounds[round]?.reason = reason
        entry.rounds[round]?.closed = now
        entries[run] = entry
    }

    public func retryRound(_ plan: RoundPlan, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        var entry = try entry(run)
        try entry.run.checkRunning()
        let previous = entry.rounds[plan.round]
        try StoredRound.checkClose(plan.round, state: previous?.state)
        entry.rounds[plan.round] = StoredRound(
            run: run, round: plan.round, state: .planned, attempt: (previous?.attempt ?? 0) + 1, plan: plan,
            reason: reason, begun: now)
        entries[run] = entry
    }

    public func rounds(of run: RunID) async throws(StoreError) -> [StoredRound] {
        (entries[run]?.rounds.values).map { $0.sorted { $0.round < $1.round } } ?? []
    }

    public func round(_ round: RoundID, of run: RunID) async throws(StoreError) -> StoredRound? {
        entries[run]?.rounds[round]
    }

    public func recordLinks(of run: RunID) async throws(StoreError) -> [RecordLink] {
        var links: [RecordLink] = []
        for round in try await rounds(of: run) {
            guard let record = round.record else { continue }
            links.append(
                RecordLink(
                    round: round.round, plan: try StoreJSON.text(round.plan), record: try StoreJSON.text(record),
                    hash: round.hash))
        }
        return links
    }

    public func openRound(of run: RunID) async throws(StoreError) -> StoredRound? { entries[run]?.openRound }

    public func noteWorker(_ worker: WorkerID, address: String, agent: String, now: Date) async throws(StoreError) {
        known[worker] = StoredWorker(
            worker: worker, firstSeen: known[worker]?.firstSeen ?? now, lastSeen: now, address: address, agent: agent)
    }

    public func workers() async throws(StoreError) -> [StoredWorker] { known.values.sorted { $0.worker < $1.worker } }

    public func quarantine(_ worker: WorkerID, reason: String, now: Date) async throws(StoreError) {
        aside[worker] = StoredQuarantine(worker: worker, since: aside[worker]?.since ?? now, reason: reason)
    }

    public func release(_ worker: WorkerID) async throws(StoreError) -> Bool {
        aside.removeValue(forKey: worker) != nil
    }

    public func quarantined() async throws(StoreError) -> [StoredQuarantine] {
        aside.values.sorted { $0.worker < $1.worker }
    }

    public func journal(of run: RunID, round: RoundID) async throws(StoreError) -> any RoundJournal {
        var entry = try entry(run)
        let journal = entry.journals[round] ?? MemoryRoundJournal(run: run, round: round)
        entry.journals[round] = journal
        entries[run] = entry
        return journal
    }

    public func storedUpdates(of run: RunID, round: RoundID) async throws(StoreError) -> JournalCursor? {
        try await entries[run]?.journals[round]?.cursor()
    }

    public func discardJournals(of run: RunID, before round: RoundID) async throws(StoreError) {
        guard var entry = entries[run] else { return }
        entry.journals = entry.journals.filter { $0.key >= round }
        entries[run] = entry
    }

    public func removeLeftovers(of run: RunID) async throws(StoreError) {}

    public func saveCheckpoint(_ checkpoint: Checkpoint) async throws(StoreError) -> CheckpointDigest {
        var kept = checkpoints[checkpoint.run] ?? [:]
        kept[checkpoint.version] = checkpoint
        for version in kept.keys.sorted().dropLast(keptCheckpoints) { kept[version] = nil }
        checkpoints[checkpoint.run] = kept
        return CheckpointDigest(
            model: ModelDigest.sha256(of: checkpoint.parameters), state: ModelDigest.sha256(of: checkpoint.state))
    }

    public func checkpointVersions(of run: RunID) async throws(StoreError) -> [ModelVersion] {
        (checkpoints[run]?.keys).map { $0.sorted() } ?? []
    }

    public func checkpoint(
        of run: RunID, version: ModelVersion, layout: ModelLayout
    ) async throws(StoreError) -> Checkpoint {
        guard let checkpoint = checkpoints[run]?[version] else {
            throw StoreError(.missing, "run \(run) has no checkpoint of model \(version)")
        }
        guard checkpoint.parameters.layout == layout else {
            throw StoreError(.wrongModel, "the checkpoint of run \(run) holds another model")
        }
        return checkpoint
    }

    private func entry(_ run: RunID) throws(StoreError) -> Entry {
        guard let entry = entries[run] else { throw StoreError(.missing, "there is no run \(run)") }
        return entry
    }
}
