// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
public import FedCoordinator
internal import FedCore
internal import FedStore
internal import FedStrategies
public import FedTraining
public import Foundation

/// A run with many small workers in one process, without sockets, certificates and disks in between.
///
/// Plans, seeds, training, codecs and sums are those of a coordinator with worker processes, so that the model is the same to
/// the bit, whatever the number of threads. There are no deadlines, and the model is kept at the end only.
public struct InProcessSimulation: Sendable {
    /// What a simulation leaves behind.
    public struct Outcome: Sendable {
        /// The same report as that of a coordinator.
        public let report: RunReport
        /// Where the report lies.
        public let reportFile: URL
        /// Workers trained in a second of wall-clock time, evaluation left out.
        public let clientsPerSecond: Double
        /// The same in a second of the process's CPU time, which others on the machine hardly change.
        public let clientsPerProcessorSecond: Double
    }

    private let config: RunConfig
    private let threads: Int
    private let model: CentralModel
    /// What of the model workers train by itself.
    private let parts: TrainedParts
    private let input: InputShape
    private let classes: Int
    private let clients: SimulatedClients
    private let test: Dataset?
    private let attackers: Attackers?
    private let budgets: [WorkerID: WidthRatio]
    /// Who trains adversarially where only some do.
    private let adversarial: Set<WorkerID>
    private let keepsPersonalModels: Bool
    private let output: URL
    private let observe: @Sendable (CoordinatorEvent) -> Void

    /// A simulation that has not begun, of `workers` workers that share `train`, on at most `threads` threads, at least 1.
    ///
    /// Where parameters stay with workers, their models are measured on `test`, each on the examples like the worker's own.
    ///
    /// `config` must have passed `validated`; results are kept in the folder `output`. Of committed rounds, `observe` is told
    /// only those after which the model was evaluated. `adversarial` train so where the strategy has only some do it.
    /// Where parameters stay with workers, `keepsPersonalModels` leaves each worker's model behind, too. Throws `TrainingError` where the data cannot be divided.
    public init(
        config: RunConfig, workers: Int, threads: Int, model: CentralModel, train: Dataset, test: Dataset? = nil,
        output: URL,
        attackers: Attackers? = nil, budgets: WorkerBudgets? = nil, adversarial: AdversarialWorkers? = nil,
        keepsPersonalModels: Bool = false,
        observe: @escaping @Sendable (CoordinatorEvent) -> Void
    ) throws {
        precondition(workers >= 1 && threads >= 1, "somebody has to train")
        self.config = config
        self.threads = min(threads, workers)
        self.model = model
        parts = TrainedParts(of: config.network, levels: model.levels)
        self.output = output
        self.keepsPersonalModels = keepsPersonalModels
        self.observe = observe
        input = train.input
        classes = train.classes
        // With fatavg and fatprox all have one model, which is compared with those of fatbn and fedrbn domain by domain.
        self.test = model.parts.isWhole && !config.strategy.trainsSomeAdversarially ? nil : test
        self.attackers = attackers
        clients = try SimulatedClients(count: workers, config: config, train: train, attackers: attackers)
        var affordable: [WorkerID: WidthRatio] = [:]
        if let budgets {
            for number in 1...workers {
                affordable[try WorkerID("worker-\(number)")] = budgets.budget(of: number, among: workers)
            }
        }
        self.budgets = affordable
        self.adversarial = try adversarial?.names(among: workers) ?? []
    }

    /// Runs it to its end; writes `run.yaml`, `report.json` and `model.safetensors`.
    ///
    /// Throws `CancellationError` soon after the task was cancelled, `CoordinatorError.quorumNotReached` when too few
    /// changes of a round can be used, `.tooManyExamples` when sums have no room for them, and `TrainingError`,
    /// `StrategyError`, `StoreError` or `SimulationError.setUp`.
    public func run() async throws -> Outcome {
        let stop = StopFlag()
        return try await withTaskCancellationHandler {
            try await OwnThread.run(named: "training-1") { try carryOut(stop) }
        } onCancel: {
            stop.set()
        }
    }

    private func carryOut(_ stop: StopFlag) throws -> Outcome {
        try prepareOutput()
        let run = try RunID("\(config.name)-1")
        let strategy = try StrategyRegistry.strategy(
            config.strategy, fraction: config.cohort.fraction, levels: model.levels)
        var server = ServerModel(
            parameters: try model.initialParameters(SeededGenerator(key: config.seed).stream("model")))
        observe(.runStarted(run, rounds: config.rounds, parameters: model.layout.count, resumedAfter: 0))
        let memories = ClientMemories()
        let pool = ChangePool()
        let crew = try TrainingCrew(threads: threads) { [self] () throws(TrainingError) in
            try ClientTrainer(
                model: config.network, scope: strategy.largestScope, of: model, input: input, classes: classes,
                maximumBatch: min(config.training.batchSize, clients.largestCount), clients: clients,
                memories: memories, pool: pool, stop: stop)
        }
        defer { crew.dismiss() }
        var downlink = try SimulatedDownlink(config, strategy: strategy, layout: model.layout, parts: parts)
        var propagation = SimulatedPropagation(config, model: model, memories: memories)
        let personal = try test.map { test throws(TrainingError) in
            try PersonalEvaluator(
                config, model: model, clients: clients, test: test, memories: memories, threads: threads)
        }
        var records: [RoundRecord] = []
        var personalResults: [Int: RunReport.Personal] = [:]
        var trainingSeconds = 0.0
        var processorSeconds = 0.0
        var evaluated = true
        var toldAt = ContinuousClock.now
        var drawn = 0
        for number in 1...config.rounds {
            let begin = ContinuousClock.now
            let processorBegin = Self.processorSeconds
            let knowsStatistics = propagation?.hasSources ?? false
            let plan = try strategy.plan(
                context(run, RoundID(number), drawn: drawn, knowsStatistics: knowsStatistics))
            let coarse = try config.coarseSums(of: plan.assignments.count)
            if number == 1, let coarse { observe(coarse) }
            if let event = try propagation?.prepare(plan) { observe(event) }
            drawn = plan.drawn ?? 0
            let downlinkBytes = try downlink.bytes(of: plan, from: server)
            let round = try makeRound(plan, base: downlink.arrived(server), strategy: strategy)
            crew.carryOut(round) {
                guard ContinuousClock.now - toldAt > .milliseconds(100) else { return }
                toldAt = .now
                tellProgress(of: round)
            }
            // Where workers share scales, all have to be trained before one can encode.
            if round.agreeOnScales() { crew.carryOut(round) {} }
            let (results, sum) = try round.outcome()
            var aggregation = sum
            var record = try record(of: plan, results, downlinkBytes: downlinkBytes)
            try propagation?.record(plan, results)
            if let change = try round.readBack(strategy.aggregator, results) {
                try downlink.advance(&server, by: change, plan)
            } else {
                try downlink.advance(&server, by: &aggregation, scales: round.scales, plan)
            }
            trainingSeconds += Self.seconds(since: begin)
            processorSeconds += Self.processorSeconds - processorBegin
            record.evaluation = try evaluation(of: server.parameters, after: number)
            if isEvaluated(number) {
                personalResults[number] = try personal?.evaluate(server.parameters, propagation: propagation)
            }
            record.seconds = Self.seconds(since: begin)
            evaluated = record.evaluation != nil || personalResults[number] != nil
            if evaluated { tell(record, personalResults[number]) }
            records.append(record)
        }
        if !evaluated, let last = records.last { tell(last, nil) }
        if keepsPersonalModels, let personal {
            for worker in clients.names {
                let values = try personal.model(of: worker, server.parameters, propagation: propagation)
                if let values { try keep(values, of: worker, in: run) }
            }
        }
        let report = try finish(run, server.parameters, records, personalResults)
        let trained = records.reduce(0) { $0 + $1.participants.count }
        return Outcome(
            report: report, reportFile: reportFile, clientsPerSecond: Double(trained) / trainingSeconds,
            clientsPerProcessorSecond: Double(trained) / processorSeconds)
    }

    // MARK: One round

    private func context(_ run: RunID, _ round: RoundID, drawn: Int, knowsStatistics: Bool) -> PlanContext {
        var context = PlanContext(
            run: run, round: round, baseVersion: ModelVersion(round.rawValue - 1), workers: clients.names,
            training: config.training(in: round), codec: config.uplink.codec, quorumShare: config.cohort.quorum,
            seed: config.seed, budgets: config.isMeasuring(round) ? [:] : budgets, drawn: drawn,
            adversarial: adversarial, propagatedTo: knowsStatistics ? Set(clients.names) : [])
        context.isOrdered = true
        context.largestCohort = config.largestCohort
        return context
    }

    /// The round of `plan`, which starts from `base` as it arrives at the workers.
    private func makeRound(_ plan: RoundPlan, base: ParameterVector, strategy: Strategy) throws -> SimulatedRound {
        let readsBack = strategy.aggregator is any BlockAggregator || config.limits.relativeNorm != nil
        let weighting = config.sumWeighting
        return SimulatedRound(
            plan: plan, base: base,
            rateScale: config.training.schedule.scale(plan.round.rawValue - 1, of: config.rounds),
            uplinkSpec: config.uplink, uplink: try CodecRegistry.codec(config.uplink),
            parts: parts, limits: config.limits,
            weighting: weighting,
            aggregation: try strategy.aggregator.begin(
                count: base.values.count,
                weightBound: weighting.bound(
                    updates: plan.assignments.count, examplesPerWorker: config.limits.examplesPerWorker)),
            spool: readsBack
                ? try UpdateSpool(parameterCount: base.values.count, folder: output.path) : nil)
    }

    /// What is known of a round that made a model; throws `CoordinatorError.quorumNotReached` where it did not.
    private func record(
        of plan: RoundPlan, _ results: [SimulatedRound.Result], downlinkBytes: Int
    ) throws -> RoundRecord {
        var accepted: [AcceptedUpdate] = []
        var refused: [RefusedUpdate] = []
        for (assignment, result) in zip(plan.assignments, results) {
            switch result {
            case .accepted(let update): accepted.append(update)
            case .refused(let reason):
                refused.append(RefusedUpdate(worker: assignment.worker, reason: reason))
                observe(.updateRefused(assignment.worker, plan.round, reason: reason))
            case .declined(let reason): observe(.declined(assignment.worker, plan.round, reason: reason))
            }
        }
        guard accepted.count >= plan.quorum else {
            throw CoordinatorError(
                .quorumNotReached,
                "round \(plan.round) got \(accepted.count) of the \(plan.quorum) updates it needs: see above why the "
                    + "others are missing or refused, and change the run file")
        }
        return RoundRecord(
            round: plan.round, version: plan.baseVersion.next, participants: plan.assignments.map(\.worker),
            accepted: accepted, refused: refused, uplinkBytes: accepted.reduce(0) { $0 + $1.payloadBytes },
            downlinkBytes: downlinkBytes, modelsSent: plan.assignments.count, seconds: 0, modelSHA256: "")
    }

    private func evaluation(of parameters: ParameterVector, after round: Int) throws -> Evaluation? {
        try isEvaluated(round) ? model.evaluate?(parameters) : nil
    }

    private func isEvaluated(_ round: Int) -> Bool {
        let every = config.evaluation.every
        return round == config.rounds || (every > 0 && round % every == 0)
    }

    private func tell(_ record: RoundRecord, _ personal: RunReport.Personal?) {
        let values = record.updatedValues(parameters: model.layout.count, parts: parts)
        let denseBytes = values * MemoryLayout<Float>.size
        var round = RunReport.Round(record)
        round.personal = personal
        observe(.roundCommitted(round, of: config.rounds, denseUplinkBytes: denseBytes))
    }

    private func tellProgress(of round: SimulatedRound) {
        let finished = round.finishedCount
        let participants = round.plan.assignments.count
        observe(
            .progress(
                RoundProgress(
                    round: round.plan.round, accepted: finished, participants: participants,
                    fraction: Double(finished) / Double(participants))))
    }

    private static func seconds(since begin: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (ContinuousClock.now - begin).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// CPU time of all threads of this process so far.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    // MARK: Files

    private var reportFile: URL { output.appendingPathComponent("report.json") }

    private func prepareOutput() throws {
        do {
            try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
            try RunFile.text(of: config).write(
                to: output.appendingPathComponent("run.yaml"), atomically: true, encoding: .utf8)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw SimulationError(.setUp, "cannot write to \(output.path): check the path and its permissions")
        }
    }

    /// Writes a worker's own model, `personal/WORKER.safetensors`.
    private func keep(_ values: [Float], of worker: WorkerID, in run: RunID) throws {
        let folder = output.appendingPathComponent("personal")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SimulationError(.setUp, "cannot write to \(folder.path): check permissions and free space")
        }
        var model = Checkpoint(
            run: run, version: ModelVersion(config.rounds),
            parameters: try ParameterVector(layout: model.parts.whole, values: values))
        if var card = self.model.card(of: config) {
            card.workersOwn = nil
            card.domain = clients.examples(of: worker).domain(under: config.data.partition)
            try model.describe(card)
        }
        try CheckpointFile.write(model, name: "\(worker).safetensors", in: folder.path)
    }

    private func finish(
        _ run: RunID, _ parameters: ParameterVector, _ records: [RoundRecord], _ personal: [Int: RunReport.Personal]
    ) throws -> RunReport {
        let name = "model.safetensors"
        var last = Checkpoint(run: run, version: ModelVersion(config.rounds), parameters: try model.whole(parameters))
        if let card = model.card(of: config) { try last.describe(card) }
        try CheckpointFile.write(last, name: name, in: output.path)
        var report = RunReport(
            run: run, config: config, parts: parts, parameters: parameters.values.count, rounds: records,
            modelSHA256: ModelDigest.sha256(of: parameters),
            modelPath: output.appendingPathComponent(name).path, peakResidentBytes: PeakMemory.residentBytes)
        report.attack = attackers?.report
        report.adversarial = config.strategy.trainsSomeAdversarially ? adversarial.sorted() : nil
        for index in report.rounds.indices { report.rounds[index].personal = personal[report.rounds[index].round] }
        report.final.personal = personal[config.rounds]
        do {
            try report.json().write(to: reportFile, options: .atomic)
        } catch {
            throw SimulationError(.setUp, "cannot write \(reportFile.path): check permissions and free space")
        }
        observe(.runFinished(report))
        return report
    }
}
