// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation
internal import GRDB

/// The state of a federation on disk: SQLite for what is small, files for what is large.
///
/// In its directory: `state.sqlite`, and for each run `runs/<run>/journal/<round>.journal` and `runs/<run>/checkpoints/<version>.safetensors`. One coordinator writes at a
/// time: take a `DirectoryLock` first.
public struct SQLiteRunStore: RunStore {
    /// The federation's directory.
    public let directory: String
    private let keptCheckpoints: Int
    private let database: StateDatabase
    private let files = BlockingQueue(label: "fedcoord.files")
    // Deleting large files takes the disk a while: nothing that is on the way to a worker waits for it.
    private let deletions = BlockingQueue(label: "fedcoord.deletions")

    /// Opens the store in a directory, which is made when absent; blocks on the disk for a moment.
    ///
    /// Keeps the newest `keptCheckpoints` of each run. Throws `StoreError.unwritable`, `.corrupt`, `.newerSchema`.
    public init(directory: String, keptCheckpoints: Int = 2) throws(StoreError) {
        precondition(keptCheckpoints >= 1, "at least one checkpoint is kept")
        try DurableFiles.makeDirectory(directory)
        database = try StateDatabase(path: directory + "/state.sqlite")
        self.directory = directory
        self.keptCheckpoints = keptCheckpoints
    }

    public func createRun(_ run: NewRun, now: Date) async throws(StoreError) {
        try await database.write("run created") { db in
            guard try StateRows.run(run.id, in: db) == nil else {
                throw StoreError(.alreadyExists, "run \(run.id) exists already: choose another name")
            }
            try StateRows.insert(StoredRun(run, created: now), in: db)
        }
    }

    public func setState(_ state: RunState, of run: RunID, failure: String?, now: Date) async throws(StoreError) {
        try await database.write("run \(state.rawValue)") { db in
            var stored = try StateRows.existingRun(run, in: db)
            try stored.advance(to: state, failure: failure, now: now)
            try StateRows.update(stored, in: db)
        }
    }

    public func run(_ id: RunID) async throws(StoreError) -> StoredRun? {
        try await database.read { try StateRows.run(id, in: $0) }
    }

    public func runs() async throws(StoreError) -> [StoredRun] {
        try await database.read { try StateRows.runs(in: $0) }
    }

    public func beginRound(_ plan: RoundPlan, of run: RunID, attempt: Int, now: Date) async throws(StoreError) {
        let planText = try StoreJSON.text(plan)
        try await database.write("round \(plan.round) planned") { db in
            try StateRows.existingRun(run, in: db).checkRunning()
            try StateRows.begin(plan.round, of: run, attempt: attempt, plan: planText, now: now, in: db)
        }
    }

    public func commitRound(
        _ record: RoundRecord, of run: RunID, next: RoundPlan?, now: Date
    ) async throws(StoreError) {
        try StoredRound.checkNext(next, after: record)
        let recordText = try StoreJSON.text(record)
        var planText: String?
        if let next { planText = try StoreJSON.text(next) }
        let nextText = planText
        try await database.write("round \(record.round) committed") { db in
            var stored = try StateRows.existingRun(run, in: db)
            try stored.checkRunning()
            try StoredRound.checkClose(record.round, state: StateRows.state(of: record.round, run: run, in: db)?.state)
            let hash = try StateRows.nextHash(record.round, of: stored, record: recordText, in: db)
            try StateRows.close(
                record.round, of: run, as: .committed, record: recordText, hash: hash, reason: nil, now: now, in: db)
            stored.modelSHA256 = record.modelSHA256
            try StateRows.update(stored, in: db)
            if let nextText {
                try StateRows.begin(record.round.next, of: run, attempt: 1, plan: nextText, now: now, in: db)
            }
        }
    }

    public func abandonRound(_ round: RoundID, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        try await database.write("round \(round) abandoned") { db in
            try StateRows.existingRun(run, in: db).checkRunning()
            try StoredRound.checkClose(round, state: StateRows.state(of: round, run: run, in: db)?.state)
            try StateRows.close(round, of: run, as: .abandoned, record: nil, reason: reason, now: now, in: db)
        }
    }

    public func retryRound(_ plan: RoundPlan, of run: RunID, reason: String, now: Date) async throws(StoreError) {
        let planText = try StoreJSON.text(plan)
        try await database.write("round \(plan.round) planned again") { db in
            try StateRows.existingRun(run, in: db).checkRunning()
            try StoredRound.checkClose(plan.round, state: StateRows.state(of: plan.round, run: run, in: db)?.state)
            try StateRows.retry(plan.round, of: run, plan: planText, reason: reason, now: now, in: db)
        }
    }

    public func rounds(of run: RunID) async throws(StoreError) -> [StoredRound] {
        try await database.read { try StateRows.rounds(of: run, in: $0) }
    }

    public func round(_ round: RoundID, of run: RunID) async throws(StoreError) -> StoredRound? {
        try await database.read { try StateRows.rounds(of: run, only: round, in: $0).first }
    }

    public func recordLinks(of run: RunID) async throws(StoreError) -> [RecordLink] {
        try await database.read { try StateRows.links(of: run, in: $0) }
    }

    public func openRound(of run: RunID) async throws(StoreError) -> StoredRound? {
        try await database.read { try StateRows.rounds(of: run, onlyOpen: true, in: $0).first }
    }

    public func noteWorker(_ worker: WorkerID, address: String, agent: String, now: Date) async throws(StoreError) {
        try await database.write("worker noted") {
            try StateRows.note(worker, address: address, agent: agent, now: now, in: $0)
        }
    }

    public func workers() async throws(StoreError) -> [StoredWorker] {
        try await database.read { try StateRows.workers(in: $0) }
    }

    public func quarantine(_ worker: WorkerID, reason: String, now: Date) async throws(StoreError) {
        try await database.write("worker quarantined") {
            try StateRows.quarantine(worker, reason: reason, now: now, in: $0)
        }
    }

    public func release(_ worker: WorkerID) async throws(StoreError) -> Bool {
        try await database.write("worker released") { try StateRows.release(worker, in: $0) }
    }

    public func quarantined() async throws(StoreError) -> [StoredQuarantine] {
        try await database.read { try StateRows.quarantined(in: $0) }
    }

    public func journal(of run: RunID, round: RoundID) async throws(StoreError) -> any RoundJournal {
        guard try await self.run(run) != nil else { throw StoreError(.missing, "there is no run \(run)") }
        let folder = journalFolder(run)
        let name = FileNumber.text(round.rawValue) + Self.journalSuffix
        return try await files.run { () throws(StoreError) -> FileRoundJournal in
            try DurableFiles.makeDirectory(folder)
            return try FileRoundJournal(path: "\(folder)/\(name)", run: run, round: round)
        }
    }

    public func storedUpdates(of run: RunID, round: RoundID) async throws(StoreError) -> JournalCursor? {
        let path = "\(journalFolder(run))/\(FileNumber.text(round.rawValue))\(Self.journalSuffix)"
        return try await files.run { () throws(StoreError) in
            try StoredJournal(path: path, run: run, round: round)?.cursor()
        }
    }

    public func discardJournals(of run: RunID, before round: RoundID) async throws(StoreError) {
        let folder = journalFolder(run)
        try await deletions.run { () throws(StoreError) in
            for name in try DurableFiles.list(folder) where name.hasSuffix(Self.journalSuffix) {
                guard let number = Int(name.prefix { $0.isASCII && $0.isNumber }), number < round.rawValue else {
                    continue
                }
                DurableFiles.remove("\(folder)/\(name)")
            }
        }
    }

    public func removeLeftovers(of run: RunID) async throws(StoreError) {
        let folders = ["\(directory)/runs/\(run)", checkpointFolder(run).directory]
        try await files.run { () throws(StoreError) in
            for folder in folders {
                for name in try DurableFiles.list(folder) where name.hasSuffix(DurableFiles.temporarySuffix) {
                    DurableFiles.remove("\(folder)/\(name)")
                }
            }
        }
    }

    public func saveCheckpoint(_ checkpoint: Checkpoint) async throws(StoreError) -> CheckpointDigest {
        let folder = checkpointFolder(checkpoint.run)
        let digest = try await files.run { () throws(StoreError) in try folder.save(checkpoint) }
        // Older files that stay for want of permission do no harm, and the next call tries again.
        deletions.queue.async { try? folder.prune() }
        return digest
    }

    public func checkpointVersions(of run: RunID) async throws(StoreError) -> [ModelVersion] {
        let folder = checkpointFolder(run)
        // After the deletions that were asked for, so that what is listed stays.
        return try await deletions.run { () throws(StoreError) in try folder.versions() }
    }

    public func checkpoint(
        of run: RunID, version: ModelVersion, layout: ModelLayout
    ) async throws(StoreError) -> Checkpoint {
        let path = checkpointFolder(run).path(version)
        let checkpoint = try await files.run { () throws(StoreError) in try CheckpointFile.read(path, layout: layout) }
        guard checkpoint.run == run, checkpoint.version == version else {
            throw StoreError(.corrupt, "\(path) is the checkpoint of another run or round: restore it from a copy")
        }
        return checkpoint
    }

    /// Where a run's checkpoints lie.
    public func checkpointFolder(_ run: RunID) -> CheckpointFolder {
        CheckpointFolder(directory: "\(directory)/runs/\(run)/checkpoints", keep: keptCheckpoints)
    }

    private static let journalSuffix = ".journal"

    private func journalFolder(_ run: RunID) -> String { "\(directory)/runs/\(run)/journal" }
}
