// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStore
internal import FedStrategies
public import Foundation

/// What one run keeps on disk, in the order in which a run needs it.
public actor RunRecords {
    /// The run.
    public nonisolated let run: RunID
    /// An unfinished run of the same name that was stopped because the configuration has changed since.
    public nonisolated let replaced: RunID?

    let store: any RunStore
    private let directory: URL
    let now: @Sendable () -> Date
    private let keepsJournals: Bool
    /// `ModelDigest` of the newest model.
    private var modelSHA256: String?
    /// The same as bytes; none before any model was kept.
    var modelDigest: [UInt8] { modelSHA256.map(ModelDigest.bytes) ?? [] }
    private var journal: (any RoundJournal)?
    /// The round whose scales were kept last.
    private var scalesRound: RoundID?
    var room = Room()
    /// The workers whose statistics no file is to have.
    var withdrawn: Set<WorkerID> = []
    /// Whether the run has ended, which nothing of the kind outlives.
    var areStatisticsOver = false

    /// The records of the newest run of this name if it is unfinished and has the same configuration, else of a new run.
    ///
    /// `directory` is where runs keep their files, one folder each. Throws `StoreError`, or `ConfigurationError` when the
    /// configuration cannot be written down.
    public init(
        for config: RunConfig, in store: any RunStore, directory: URL,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws {
        let text = try RunFile.text(of: config)
        let earlier = try await store.runs().filter { $0.name == config.name }
        if let last = earlier.last, !last.state.isFinal, Self.isMade(last, with: config, text) {
            run = last.id
            replaced = nil
        } else {
            replaced = earlier.last.flatMap { $0.state.isFinal ? nil : $0.id }
            if let replaced {
                try await store.setState(.stopped, of: replaced, failure: nil, now: now())
                StatisticsFiles(in: directory.appendingPathComponent(replaced.rawValue).path).removeAll()
            }
            let taken = Set(earlier.map(\.id.rawValue))
            var number = earlier.count + 1
            while taken.contains("\(config.name)-\(number)") { number += 1 }
            run = try RunID("\(config.name)-\(number)")
            try await store.createRun(
                NewRun(id: run, name: config.name, seed: config.seed, configuration: text), now: now())
        }
        try await store.setState(.running, of: run, failure: nil, now: now())
        self.store = store
        self.directory = directory.appendingPathComponent(run.rawValue)
        self.now = now
        keepsJournals = config.keepJournals
    }

    /// Whether a run has this configuration, which is read and not only compared as text: an older version did not write the
    /// keys that are new since.
    private static func isMade(_ run: StoredRun, with config: RunConfig, _ text: String) -> Bool {
        run.configuration == text || (try? RunFile.parse(run.configuration)) == config
    }

    /// The records of a run that is known already; `config` is what it was made with.
    ///
    /// Throws `StoreError.missing`, or `.illegalTransition` for a run that has ended.
    public init(
        resuming run: RunID, config: RunConfig, in store: any RunStore, directory: URL,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws {
        try await store.setState(.running, of: run, failure: nil, now: now())
        self.run = run
        replaced = nil
        self.store = store
        self.directory = directory.appendingPathComponent(run.rawValue)
        self.now = now
        keepsJournals = config.keepJournals
    }

    /// Whether somebody has stopped the run: `fedcoord run stop` says so in the database.
    func isStopped() async -> Bool { (try? await store.run(run))??.state == .stopped }

    /// Where a run stands.
    struct Recovered {
        /// The newest committed model's version.
        var version: ModelVersion
        /// That model, with what is remembered beside it.
        var model: ServerModel
        /// The plan of a round that was under way.
        var interrupted: RoundPlan?
        /// The committed rounds, in order.
        var rounds: [(plan: RoundPlan, record: RoundRecord)] = []
    }

    /// Where the run stands, or nil if nothing was ever saved.
    func recover(layout: ModelLayout) async throws -> Recovered? {
        try await store.removeLeftovers(of: run)
        let rounds = try await store.rounds(of: run).compactMap { round in
            round.record.map { (plan: round.plan, record: $0) }
        }
        let recorded = rounds.last?.record
        let committed = recorded?.version
        let saved = try await store.checkpointVersions(of: run)
        guard let version = committed ?? saved.first else { return nil }
        let checkpoint = try await store.checkpoint(of: run, version: version, layout: layout)
        let digest = ModelDigest.sha256(of: checkpoint.parameters)
        guard committed == nil || digest == recorded?.modelSHA256 else {
            throw StoreError(
                .corrupt, "the checkpoint of model \(version) is not the model that the record of run \(run) names")
        }
        modelSHA256 = digest
        let interrupted = try await store.openRound(of: run)
        if let interrupted {
            journal = try await whenThereIsRoom { try await store.journal(of: run, round: interrupted.round) }
        }
        return Recovered(
            version: version, model: ServerModel(parameters: checkpoint.parameters, state: checkpoint.state),
            interrupted: interrupted?.plan, rounds: rounds)
    }

    /// Keeps the model that the first round starts from.
    func saveInitial(_ model: ServerModel) async throws {
        let checkpoint = Checkpoint(
            run: run, version: ModelVersion(0), parameters: model.parameters, state: model.state)
        modelSHA256 = try await whenThereIsRoom { try await store.saveCheckpoint(checkpoint) }.model
    }

    /// Makes the plan of a new round durable.
    func begin(_ plan: RoundPlan) async throws {
        try await whenThereIsRoom { try await store.beginRound(plan, of: run, attempt: 1, now: now()) }
        journal = try await whenThereIsRoom { try await store.journal(of: run, round: plan.round) }
    }

    /// Makes another plan of the open round durable; the updates that are stored stay stored.
    func retry(_ plan: RoundPlan) async throws {
        try await whenThereIsRoom {
            try await store.retryRound(plan, of: run, reason: "too few updates", now: now())
        }
    }

    /// The workers that took part in the last committed round.
    func lastParticipants() async throws -> [WorkerID] {
        try await store.rounds(of: run).last { $0.record != nil }?.record?.participants ?? []
    }

    /// The update of a worker and round that is part of the model that this round made, or that one of the `staleness` committed
    /// rounds after it did; nil if none is.
    func accepted(_ worker: WorkerID, in round: RoundID, staleness: Int) async throws -> AcceptedUpdate? {
        var next = round
        for _ in 0...staleness {
            guard let record = try await store.round(next, of: run)?.record else { return nil }
            if let update = record.update(of: worker, madeIn: round) { return update }
            next = next.next
        }
        return nil
    }

    /// The workers in quarantine.
    func quarantined() async throws(StoreError) -> [StoredQuarantine] { try await store.quarantined() }

    /// Puts a worker into quarantine.
    func quarantine(_ worker: WorkerID, reason: String) async throws(StoreError) {
        try await store.quarantine(worker, reason: reason, now: now())
    }

    /// Keeps where the run stands, for whoever asks; a status that cannot be kept is missing, and no more.
    func keep(_ status: RunStatus) { try? status.save(in: directory) }

    /// Forgets where the run stood.
    func forgetStatus() { try? FileManager.default.removeItem(at: RunStatus.file(in: directory)) }

    /// Remembers that a worker connected.
    func note(_ worker: WorkerID, address: String, agent: String) async throws {
        try await store.noteWorker(worker, address: address, agent: agent, now: now())
    }

    /// Makes an update that goes into `round` durable; after the return it may be acknowledged. Throws `StoreError.closed` once
    /// the round is.
    func append(_ update: ClientUpdate, to round: RoundID) async throws {
        try await whenThereIsRoom {
            guard let journal, journal.round == round else {
                throw StoreError(.closed, "round \(round) is closed")
            }
            try await journal.append(update)
        }
    }

    /// The updates of the open round that are durable, to be read one at a time.
    func storedUpdates() async throws -> JournalCursor? {
        try await journal?.cursor()
    }

    /// Where temporary files of the run go.
    nonisolated var folder: String { directory.path }

    /// Keeps the scales that workers of a round are about to be told.
    ///
    /// Without them, updates that were quantised before a restart are refused, and their workers have to train again; what
    /// throws is not to be told.
    func keepScales(_ scales: [Float], of round: RoundID) async throws {
        let kept = try JSONEncoder().encode(KeptScales(round: round, bits: scales.map(\.bitPattern)))
        try await whenThereIsRoom {
            // A wait for room may outlast the round.
            guard scalesRound.map({ $0 <= round }) ?? true else { return }
            try RunFiles.write(Array(kept), name: Self.scalesName, in: directory.path)
            scalesRound = round
        }
    }

    /// The scales of a round that were kept.
    func agreedScales(of round: RoundID) -> [Float]? {
        guard let data = try? Data(contentsOf: directory.appendingPathComponent(Self.scalesName)),
            let kept = try? JSONDecoder().decode(KeptScales.self, from: data), kept.round == round
        else { return nil }
        return kept.bits.map(Float.init(bitPattern:))
    }

    private struct KeptScales: Codable {
        var round: RoundID
        var bits: [UInt32]
    }

    private static let scalesName = "shared-scales.json"

    /// Makes a new model and what is known of its round durable; the round lasted from `startedAt` to now.
    func commit(
        _ record: RoundRecord, model: ServerModel, startedAt: Double, clock: CoordinatorClock
    ) async throws -> RoundRecord {
        var record = record
        let checkpoint = Checkpoint(
            run: run, version: record.version, parameters: model.parameters, state: model.state)
        let digest = try await whenThereIsRoom { try await store.saveCheckpoint(checkpoint) }
        record.baseSHA256 = modelSHA256
        record.modelSHA256 = digest.model
        record.stateSHA256 = digest.state
        record.seconds = clock.now() - startedAt
        let committed = record
        try await whenThereIsRoom { try await store.commitRound(committed, of: run, next: nil, now: now()) }
        modelSHA256 = digest.model
        await journal?.close()
        journal = nil
        guard !keepsJournals else { return record }
        // The round does not wait for it: a journal that stays a little longer does no harm.
        Task { [store, run] in try await store.discardJournals(of: run, before: record.round.next) }
        return record
    }

    /// Marks the run as failed.
    func fail(_ message: String) async throws {
        try await store.setState(.failed, of: run, failure: message, now: now())
        removeStatistics()
    }

    /// Marks the run as finished and writes `model.safetensors` and `report.json`.
    func finish(
        config: RunConfig, parts: TrainedParts, parameters: ParameterVector, as central: CentralModel,
        peakResidentBytes: Int
    ) async throws -> RunReport {
        let rounds = try await store.rounds(of: run)
        let folder = directory.path
        let path = directory.appendingPathComponent("model.safetensors").path
        var model = Checkpoint(
            run: run, version: ModelVersion(config.rounds), parameters: try central.whole(parameters))
        if let card = central.card(of: config) { try model.describe(card) }
        let described = model
        try await whenThereIsRoom {
            try RunFiles.makeDirectory(folder)
            try CheckpointFile.write(described, name: "model.safetensors", in: folder)
        }
        var report = RunReport(
            run: run, config: config, parts: parts, parameters: parameters.layout.count,
            rounds: rounds.compactMap(\.record),
            modelSHA256: ModelDigest.sha256(of: parameters), recordSHA256: rounds.last?.hash, modelPath: path,
            peakResidentBytes: peakResidentBytes, quarantined: try await store.quarantined())
        if config.strategy.trainsSomeAdversarially {
            let assignments = rounds.flatMap(\.plan.assignments).filter { $0.training.adversarialTerm != nil }
            report.adversarial = Set(assignments.map(\.worker)).sorted()
        }
        let text = Array(try report.json())
        try await whenThereIsRoom { try RunFiles.write(text, name: "report.json", in: folder) }
        try await whenThereIsRoom { try await store.setState(.finished, of: run, failure: nil, now: now()) }
        removeStatistics()
        // Those of the last round; whatever stays for want of permission does no harm.
        if !keepsJournals { try? await store.discardJournals(of: run, before: RoundID(config.rounds).next) }
        return report
    }
}
