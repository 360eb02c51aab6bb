// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// The durable state of a federation: runs, rounds, journals, checkpoints, workers.
///
/// Every change is durable when its call returns. Implementations never block the cooperative pool on the disk, are
/// not cancelled half-way, and throw `StoreError.diskFull`, `.unwritable` or `.failed` when the disk does not take it;
/// the state is then as before the call.
public protocol RunStore: Sendable {
    /// Records a run in state `created`; throws `StoreError.alreadyExists` for a known id.
    func createRun(_ run: NewRun, now: Date) async throws(StoreError)

    /// Moves a run on; `failure` is kept when the state is `failed`.
    ///
    /// Throws `StoreError.missing`, or `.illegalTransition` as `RunState.canBecome` says.
    func setState(_ state: RunState, of run: RunID, failure: String?, now: Date) async throws(StoreError)

    /// The run, or nil for an unknown id.
    func run(_ id: RunID) async throws(StoreError) -> StoredRun?

    /// All runs, ordered by when they were made, then by id.
    func runs() async throws(StoreError) -> [StoredRun]

    /// Makes a round's plan durable, before it is dispatched. `attempt` counts from 1.
    ///
    /// Throws `StoreError.missing` for an unknown run, `.illegalTransition` unless the run is running, no round is open,
    /// and the round is new or a later attempt of an abandoned one.
    func beginRound(_ plan: RoundPlan, of run: RunID, attempt: Int, now: Date) async throws(StoreError)

    /// Closes a round with the model it made, and begins the next one (attempt 1) if its plan is given: one transaction.
    /// The record's hash (`RecordChain`) is stored with it.
    ///
    /// The new model's checkpoint must be durable already. Throws `StoreError.missing` for an unknown run or round and
    /// `.illegalTransition` when the round is not open or `next` does not follow it.
    func commitRound(
        _ record: RoundRecord, of run: RunID, next: RoundPlan?, now: Date
    ) async throws(StoreError)

    /// Closes a round that made no model; throws as `commitRound` does.
    func abandonRound(_ round: RoundID, of run: RunID, reason: String, now: Date) async throws(StoreError)

    /// Abandons the attempt of an open round and begins the next one with a new plan: one transaction.
    ///
    /// The attempt counts one more than before; `reason` says why the one before was abandoned. Throws as `commitRound`
    /// does.
    func retryRound(_ plan: RoundPlan, of run: RunID, reason: String, now: Date) async throws(StoreError)

    /// The latest attempt of each round, in order; empty for an unknown run.
    func rounds(of run: RunID) async throws(StoreError) -> [StoredRound]

    /// The latest attempt of one round; nil if it was never begun.
    func round(_ round: RoundID, of run: RunID) async throws(StoreError) -> StoredRound?

    /// The committed rounds of a run as they are stored, in order, for `RecordChain.verify`.
    func recordLinks(of run: RunID) async throws(StoreError) -> [RecordLink]

    /// The round that was begun and not closed: where a restarted coordinator goes on.
    func openRound(of run: RunID) async throws(StoreError) -> StoredRound?

    /// Remembers that a worker connected.
    func noteWorker(_ worker: WorkerID, address: String, agent: String, now: Date) async throws(StoreError)

    /// All workers that were ever noted, ordered by name.
    func workers() async throws(StoreError) -> [StoredWorker]

    /// Puts a worker into quarantine; one that is in it already stays so for the new reason.
    func quarantine(_ worker: WorkerID, reason: String, now: Date) async throws(StoreError)

    /// Takes a worker out of quarantine; false if it was not in it.
    func release(_ worker: WorkerID) async throws(StoreError) -> Bool

    /// The workers in quarantine, ordered by name.
    func quarantined() async throws(StoreError) -> [StoredQuarantine]

    /// Opens the journal of a round, all of its attempts; what an earlier process appended is in it.
    func journal(of run: RunID, round: RoundID) async throws(StoreError) -> any RoundJournal

    /// Reads the updates that are stored of a round, whose journal stays as it is; nil if it has none.
    ///
    /// The cursor throws `StoreError.corrupt` at a place that is no intact update.
    func storedUpdates(of run: RunID, round: RoundID) async throws(StoreError) -> JournalCursor?

    /// Deletes the journals of rounds before `round`, once a newer checkpoint is durable.
    ///
    /// Takes the disk a while for large journals; a round need not wait for it.
    func discardJournals(of run: RunID, before round: RoundID) async throws(StoreError)

    /// Deletes what a killed process left half written of a run; nobody else may write to it meanwhile.
    func removeLeftovers(of run: RunID) async throws(StoreError)

    /// Makes a checkpoint durable and deletes all but the newest few; returns its digests.
    func saveCheckpoint(_ checkpoint: Checkpoint) async throws(StoreError) -> CheckpointDigest

    /// The versions of a run that are kept, ascending.
    func checkpointVersions(of run: RunID) async throws(StoreError) -> [ModelVersion]

    /// A kept checkpoint.
    ///
    /// Throws `StoreError.missing`, `.corrupt`, or `.wrongModel` when it is not of this layout.
    func checkpoint(
        of run: RunID, version: ModelVersion, layout: ModelLayout
    ) async throws(StoreError) -> Checkpoint
}
