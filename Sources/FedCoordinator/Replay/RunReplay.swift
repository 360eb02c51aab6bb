// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
public import FedStore
internal import FedStrategies
public import Foundation

/// Goes through all that is stored of a run again: the chain of records, the checkpoints, and, where the run has kept its journals,
/// the making of every model out of the updates that its record names.
///
/// Reads only, and may run beside a coordinator.
public struct RunReplay: Sendable {
    private let config: RunConfig
    private let model: CentralModel
    /// What of the model workers train by itself.
    private let parts: TrainedParts
    private let store: any RunStore
    private let run: StoredRun
    private let folder: URL
    private let strategy: Strategy
    private let staleness: StalenessWeighting
    private let uplink: any GradientCodec
    private let maker: ModelMaker

    /// A replay of `run`, which was made with `config`, and whose files lie in `folder`.
    ///
    /// Throws `StrategyError` or `CodecError` for names that a validated configuration does not have.
    public init(
        _ run: StoredRun, config: RunConfig, model: CentralModel, store: any RunStore, folder: URL
    ) throws {
        self.run = run
        self.config = config
        self.model = model
        parts = TrainedParts(of: config.network, levels: model.levels)
        self.store = store
        self.folder = folder
        strategy = try StrategyRegistry.strategy(
            config.strategy, fraction: config.cohort.fraction, levels: model.levels)
        staleness = config.sumWeighting
        uplink = try CodecRegistry.codec(config.uplink)
        maker = try ModelMaker(config, strategy: strategy)
    }

    /// Checks everything that is there. Throws `StoreError.corrupt` that names the first thing that is not as it was recorded.
    public func carryOut() async throws -> ReplayFindings {
        let head = try RecordChain.verify(try await store.recordLinks(of: run.id), of: run)
        let rounds = try await store.rounds(of: run.id).filter { $0.record != nil }
        var findings = ReplayFindings(records: head, rounds: rounds.count)
        try checkModels(rounds.compactMap(\.record))
        try await checkCheckpoints(rounds.compactMap(\.record), &findings)
        try await replay(rounds, &findings)
        if run.state == .finished { try checkFiles(&findings) }
        return findings
    }

    /// Each round starts from the model that the one before made, and the last one's is the run's.
    private func checkModels(_ records: [RoundRecord]) throws(StoreError) {
        for (record, next) in zip(records, records.dropFirst()) {
            guard next.baseSHA256 == nil || next.baseSHA256 == record.modelSHA256 else {
                throw StoreError(
                    .corrupt,
                    "round \(next.round) of run \(run.id) did not start from the model of round \(record.round)")
            }
        }
        guard records.last?.modelSHA256 == run.modelSHA256 else {
            throw StoreError(
                .corrupt, "the model that state.sqlite names for run \(run.id) is not that of its last round")
        }
    }

    private func checkCheckpoints(_ records: [RoundRecord], _ findings: inout ReplayFindings) async throws {
        for version in try await store.checkpointVersions(of: run.id) {
            let record = records.first { $0.version == version }
            // One of a round that was not committed yet stands for nothing.
            guard let expected = record?.modelSHA256 ?? (version.rawValue == 0 ? records.first?.baseSHA256 : nil) else {
                continue
            }
            let checkpoint = try await store.checkpoint(of: run.id, version: version, layout: model.layout)
            try expect(
                ServerModel(parameters: checkpoint.parameters, state: checkpoint.state), toBe: expected,
                state: record?.stateSHA256, "the checkpoint of model \(version) of run \(run.id)")
            findings.checkpoints.append(version)
        }
    }

    private func replay(_ rounds: [StoredRound], _ findings: inout ReplayFindings) async throws {
        var base: ServerModel? = ServerModel(
            parameters: try model.initialParameters(SeededGenerator(key: config.seed).stream("model")))
        if let base, let expected = rounds.first?.record?.baseSHA256 {
            try expect(base, toBe: expected, state: nil, "the initial model that the seed of run \(run.id) gives")
        }
        for round in rounds {
            guard let record = round.record else { continue }
            let updates = try await store.storedUpdates(of: run.id, round: round.round)
            let before = ModelVersion(record.version.rawValue - 1)
            if base == nil, updates != nil, findings.checkpoints.contains(before) {
                let checkpoint = try await store.checkpoint(of: run.id, version: before, layout: model.layout)
                base = ServerModel(parameters: checkpoint.parameters, state: checkpoint.state)
            }
            guard var next = base, let updates else {
                base = nil
                continue
            }
            try await advance(&next, round.plan, record, updates)
            try expect(
                next, toBe: record.modelSHA256, state: record.stateSHA256,
                "the model that the stored updates of round \(round.round) of run \(run.id) make")
            findings.replayed.append(round.round)
            findings.updates += record.accepted.count + record.folded.count
            base = next
        }
    }

    /// What tells the updates in a journal apart.
    private struct UpdateName: Hashable {
        var worker: WorkerID
        var round: RoundID
    }

    /// Makes the model of a round out of the stored updates that its record names.
    private func advance(
        _ model: inout ServerModel, _ plan: RoundPlan, _ record: RoundRecord, _ updates: JournalCursor
    ) async throws {
        let named = record.accepted.map { FoldedUpdate(round: record.round, update: $0) } + record.folded
        var sum = try strategy.aggregator.begin(
            count: self.model.layout.count,
            weightBound: staleness.bound(
                // The bits of a sum depend on how much it may hold, and so on what was awaited when the round was planned.
                updates: plan.assignments.count + max(plan.awaited ?? 0, record.folded.count),
                examplesPerWorker: config.limits.examplesPerWorker))
        var missing = Dictionary(named.map { (UpdateName(worker: $0.update.worker, round: $0.round), $0.update) }) {
            first, _ in first
        }
        var scales: [Float]?
        while let update = try await updates.next() {
            // Of several updates of a worker and round the first one counts, as everywhere.
            let name = UpdateName(worker: update.worker, round: update.round)
            guard let accepted = missing.removeValue(forKey: name) else { continue }
            try check(update, accepted, record.round)
            let weight =
                accepted.weight
                ?? staleness.weight(
                    examples: update.exampleCount, roundsLate: record.round.rawValue - update.round.rawValue)
            var decoder = UpdateDecoder(try codec(of: update, &scales), layout: self.model.layout)
            try decoder.push(update.payload) { (piece) throws(CodecError) in
                try FoldingUpdate.add(piece, weight: weight, to: &sum)
            }
            try decoder.finish()
            try sum.count(weight: weight, in: update.scope)
        }
        if let worker = missing.keys.map(\.worker).min() {
            throw StoreError(
                .corrupt, "the journal of round \(record.round) of run \(run.id) lacks the update of \(worker)")
        }
        guard let aggregator = strategy.aggregator as? any BlockAggregator,
            let again = try await store.storedUpdates(of: run.id, round: record.round)
        else {
            _ = try maker.advance(&model, by: &sum, scales: scales, round: record.round)
            return
        }
        let weights = Dictionary(
            record.accepted.map { ($0.worker, $0.weight ?? strategy.weighting.weight(examples: $0.exampleCount)) }
        ) { first, _ in first }
        let codec = scales.flatMap { shared in (uplink as? TernaryCodec).map { SharedTernaryCodec($0, scales: shared) }
        }
        let change = try await JournaledUpdates(weights: weights, codec: codec ?? uplink, layout: self.model.layout)
            .change(again, aggregator, folder: FileManager.default.temporaryDirectory.path)
        _ = try maker.advance(&model, by: change, round: record.round)
    }

    private func check(
        _ update: ClientUpdate, _ accepted: AcceptedUpdate, _ round: RoundID
    ) throws(StoreError) {
        guard accepted.payloadSHA256 == nil || accepted.payloadSHA256 == PayloadDigest.sha256(of: update.payload),
            accepted.exampleCount == update.exampleCount, accepted.bases == update.scope.bases,
            accepted.width == update.scope.width
        else {
            throw StoreError(
                .corrupt,
                "the update of \(update.worker) in the journal of round \(round) of run \(run.id) is not the one that the "
                    + "record names")
        }
    }

    /// How an update is decoded; where scales are shared, those of the first one are everybody's.
    private func codec(of update: ClientUpdate, _ scales: inout [Float]?) throws -> any GradientCodec {
        guard parts.has(update.scope) else {
            throw StoreError(.corrupt, "an update of run \(run.id) covers \(update.scope), which the model has not")
        }
        guard config.uplink.scales == .shared, let ternary = uplink as? TernaryCodec else {
            return update.scope.codec(uplink, parts: parts)
        }
        let shared = try scales ?? ternary.scales(in: update.payload, layout: model.layout)
        scales = shared
        return SharedTernaryCodec(ternary, scales: shared)
    }

    /// `model.safetensors` and `report.json` of a finished run, where they still lie.
    private func checkFiles(_ findings: inout ReplayFindings) throws {
        let file = folder.appendingPathComponent("model.safetensors").path
        if FileManager.default.fileExists(atPath: file) {
            let whole = try CheckpointFile.read(file, layout: model.parts.whole)
            let parameters = try ParameterVector(
                layout: model.layout, values: model.parts.travelling(of: whole.parameters.values))
            try expect(ServerModel(parameters: parameters), toBe: run.modelSHA256 ?? "", state: nil, file)
            findings.files.append("model.safetensors")
        }
        let path = folder.appendingPathComponent("report.json")
        if let data = try? Data(contentsOf: path) {
            let report = try? JSONDecoder().decode(RunReport.self, from: data)
            guard let report, report.modelSHA256 == run.modelSHA256, report.recordSHA256 == findings.records.hash else {
                throw StoreError(.corrupt, "\(path.path) does not fit the records of run \(run.id)")
            }
            findings.files.append("report.json")
        }
    }

    private func expect(
        _ model: ServerModel, toBe digest: String, state: String?, _ what: String
    ) throws(StoreError) {
        guard ModelDigest.sha256(of: model.parameters) == digest else {
            throw StoreError(.corrupt, "\(what) is not the one that was recorded")
        }
        guard state == nil || ModelDigest.sha256(of: model.state) == state else {
            throw StoreError(.corrupt, "what is remembered beside \(what) is not what was recorded")
        }
    }
}
