// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
public import FedCore
internal import FedStrategies
internal import FedTransport
internal import FedWire

/// Runs one training run: plans rounds, hands out assignments, stores and adds updates, makes models.
///
/// It owns the run's life and nothing else: what to do is decided by `RoundEngine` and `Strategy`, which do no I/O, and
/// sockets belong to the sessions. Every plan is on disk before it is dispatched and every update before it is
/// acknowledged.
public actor Coordinator {
    /// What a coordinator does not take from the run file.
    public struct Settings: Sendable {
        /// Seconds between signs of life, in both directions.
        public var heartbeatSeconds = 2.0
        /// Seconds a lost worker has to come back before a round that has its quorum closes without it.
        public var reconnectGrace = 1.0
        /// The same after a restart of the coordinator, when all workers have to come back.
        public var restartGrace = 20.0
        /// How often a round is tried before the run fails.
        public var attempts = 3
        /// Bytes that updates under way may take together, as they are encoded; further ones wait their turn.
        public var updateMemory = 1 << 30
        /// Bytes that may be kept of updates whose connection broke, so that they go on where they were; the oldest are dropped.
        public var partialMemory = 1 << 30
        /// Seconds a worker that has connected may take to say hello.
        public var helloSeconds = 10.0
        /// Seconds between looks at whether somebody has stopped the run.
        public var stopInterval = 0.5
        /// Seconds between attempts to write to a disk that is full.
        public var roomInterval = 1.0
        /// Whether a worker was revoked, so that what it has shared is not used any more.
        public var isRevoked: @Sendable (WorkerID) -> Bool = { _ in false }

        /// The defaults.
        public init() {}
    }

    let config: RunConfig
    let run: RunID
    let model: CentralModel
    /// What of the model workers train by itself.
    let parts: TrainedParts
    let records: RunRecords
    let settings: Settings
    let clock: CoordinatorClock
    let strategy: Strategy
    let planner: RoundPlanner
    /// How much updates count, late ones, too.
    let weights: StalenessWeighting
    let uplink: any GradientCodec
    /// How whole models travel.
    let downlink: any GradientCodec
    let maker: ModelMaker
    let observe: @Sendable (CoordinatorEvent) -> Void
    let updateMemory: TransferBudget

    var sessions: [WorkerID: WorkerSession] = [:]
    var sessionCount: UInt64 = 0
    /// The versions of the model that workers hold, as they say.
    var held: [WorkerID: ModelVersion] = [:]
    var steps: StepCache
    var open: OpenRound?
    /// The updates that are arriving or on their way to the disk, by the numbers they go by.
    var arriving: [UInt64: FoldingUpdate] = [:]
    var arrivingCount: UInt64 = 0
    /// How many updates workers have offered in this round since an instant, at most a minute ago.
    var offers: [WorkerID: (since: Double, count: Int)] = [:]
    /// Those of them that are not whole yet.
    var uploads: [UInt64: ReceivingUpload] = [:]
    /// Whose they are.
    var senders: [UInt64: WorkerID] = [:]
    /// What has arrived of updates whose connection broke.
    var partials: PartialUploads
    var arrivals: (needed: Int, continuation: CheckedContinuation<Void, any Error>)?
    var ended: RunEnded?
    var attempts = 0
    /// When updates arrived in earlier rounds.
    var history = ArrivalHistory()
    /// Who was refused how often.
    var streaks: RefusalStreaks
    /// The workers in quarantine, and why.
    var quarantined: [WorkerID: String] = [:]
    /// Those of them that the store does not know yet.
    var newlyQuarantined: Set<WorkerID> = []
    /// What was last said of where the run stands.
    var lastStatus: RunStatus?
    var statusKeptAt = -Double.infinity
    var isKeepingStatus = false
    /// The assignments of earlier rounds that may still be answered.
    var overdue: OverdueAssignments
    var committedRounds = 0
    /// Whether it was said that sums keep few bits.
    var hasToldOfCoarseSums = false
    /// How many first bases were drawn in committed rounds.
    var drawn = 0
    /// What workers share of their batch normalisation; nil in runs that propagate nothing.
    var robustness: StatisticsExchange?
    /// The workers whose statistics are not to be used: they do not agree to it, are in quarantine, or were revoked.
    var withdrawn: Set<WorkerID> = []
    /// Those of them that have withdrawn since the last model was made.
    var newlyWithdrawn: Set<WorkerID> = []
    /// Whether the disk knows them; nothing is written before what is there was read.
    var isWithdrawnKept = true
    var isKeepingWithdrawn = false
    var areStatisticsRestored = false
    /// Whether nobody trains adversarially in the newest round of such a run.
    var isWithoutAdversarialWorkers = false

    /// A coordinator for a run that `records` keeps.
    ///
    /// `config` must have passed `validated`. Throws `StrategyError` or `CodecError` for names that it would have
    /// refused.
    public init(
        config: RunConfig, model: CentralModel, records: RunRecords, settings: Settings = Settings(),
        clock: CoordinatorClock = .continuous, observe: @escaping @Sendable (CoordinatorEvent) -> Void
    ) throws {
        self.config = config
        run = records.run
        self.model = model
        parts = TrainedParts(of: config.network, levels: model.levels)
        self.records = records
        self.settings = settings
        self.clock = clock
        self.observe = observe
        strategy = try StrategyRegistry.strategy(
            config.strategy, fraction: config.cohort.fraction, levels: model.levels)
        planner = RoundPlanner(run: records.run, config: config, strategy: strategy)
        streaks = RefusalStreaks(limit: config.limits.refusalsInARow)
        weights = config.sumWeighting
        overdue = OverdueAssignments(staleness: config.cohort.allowedStaleness)
        uplink = try CodecRegistry.codec(config.uplink)
        maker = try ModelMaker(config, strategy: strategy)
        downlink = maker.modelCodec
        steps = StepCache(byteLimit: downlink.maximumEncodedCount(layout: model.layout))
        updateMemory = TransferBudget(byteCount: settings.updateMemory)
        partials = PartialUploads(byteLimit: settings.partialMemory)
        robustness = StatisticsExchange(strategy, model: model, bases: config.network.bases)
    }

    /// What every worker is told before its first assignment.
    nonisolated var runDescription: RunDescription {
        RunDescription(
            run: run, model: config.network, layout: model.layout,
            own: model.parts.isWhole ? nil : model.parts.own, levels: model.levels, dataset: config.data.dataset,
            partition: config.data.partition, fraction: config.data.fraction, label: config.data.label,
            examples: model.examples, uplink: config.uplink, downlink: config.downlink,
            serverOptimizer: config.strategy.optimizer, serverSchedule: config.strategy.schedule,
            adversarialCost: config.strategy.trainsSomeAdversarially
                ? Double(config.training(in: RoundID(1)).passCost) / 3 : nil,
            sharesStatistics: config.strategy.propagatesRobustness, seed: config.seed,
            rounds: config.rounds)
    }

    /// Carries the run out, from its beginning or from the last committed round, and returns its report.
    ///
    /// Throws `StrategyError` or `CoordinatorError.model` when the run has failed for good, and `CoordinatorError` or
    /// `StoreError` when it cannot go on now; it is then left as it is on disk and goes on when it is carried out again, and
    /// so it is when the task is cancelled, which throws `CancellationError`. A run that somebody stops ends at once with
    /// `CoordinatorError.stopped`.
    public func carryOut() async throws -> RunReport {
        await records.report(to: observe, clock: clock, interval: settings.roomInterval)
        do {
            return try await withThrowingTaskGroup(of: RunReport?.self) { group in
                group.addTask { try await self.carryOutRounds() }
                group.addTask {
                    try await self.waitUntilStopped()
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let report = first else { throw stopped }
                return report
            }
        } catch {
            try await end(because: error)
        }
    }

    /// Carries out the rounds that are left.
    private func carryOutRounds() async throws -> RunReport {
        let recovered = try await recovered()
        var (version, model, interrupted) = (recovered.version, recovered.model, recovered.interrupted)
        let isResumed = version.rawValue > 0 || interrupted != nil
        observe(
            .runStarted(
                run, rounds: config.rounds, parameters: model.parameters.values.count,
                resumedAfter: version.rawValue))
        committedRounds = version.rawValue
        history = ArrivalHistory(recovered.rounds.map(\.record))
        for (plan, record) in recovered.rounds {
            overdue.committed(plan, record)
            drawn = plan.drawn ?? drawn
            _ = streaks.roundClosed(
                accepted: record.accepted.map(\.worker) + record.folded.map(\.update.worker), refused: record.refused)
        }
        await refreshQuarantine()
        try await restoreStatistics(of: version)
        if let last = recovered.rounds.last?.record, interrupted == nil { try await welcomeBack(last.participants) }
        while version.rawValue < config.rounds {
            let next = version.next
            try await carryOutRound(RoundID(next.rawValue), from: &model, of: version, interrupted: interrupted)
            interrupted = nil
            version = next
            committedRounds = version.rawValue
        }
        let report = try await records.finish(
            config: config, parts: parts, parameters: model.parameters, as: self.model,
            peakResidentBytes: PeakMemory.residentBytes)
        // Workers that have not come back since a restart would never learn that there is nothing left to do.
        if isResumed { try await welcomeBack(try await records.lastParticipants()) }
        end(RunEnded(run: run, outcome: .finished, message: "all \(config.rounds) rounds are done"))
        observe(.runFinished(report))
        return report
    }

    /// Returns once somebody has stopped the run.
    private func waitUntilStopped() async throws {
        while await !records.isStopped() { try await clock.sleep(settings.stopInterval) }
        // At once: what is under way takes its time to end.
        end(RunEnded(run: run, outcome: .stopped, message: stopped.message))
    }

    private var stopped: CoordinatorError {
        CoordinatorError(.stopped, "run \(run) was stopped after \(committedRounds) of \(config.rounds) rounds")
    }

    /// Tells workers and watchers why the run does not go on, and throws that.
    private func end(because error: any Error) async throws -> Never {
        // Whatever failed, failed because the run is stopped: no rounds are begun or committed any more.
        if await records.isStopped() {
            await records.removeStatistics()
            end(RunEnded(run: run, outcome: .stopped, message: stopped.message))
            observe(.runStopped(run, after: RoundID(committedRounds)))
            throw stopped
        }
        if Task.isCancelled || error is CancellationError {
            for session in sessions.values {
                session.send(.close(PeerError(code: .shuttingDown, message: "the coordinator is shutting down")))
            }
            throw CancellationError()
        }
        // Only a run that could not but fail again is over; any other goes on when it is served again.
        if error is StrategyError || error as? CoordinatorError == CoordinatorError(.model, "") {
            try? await records.fail("\(error)")
        }
        end(RunEnded(run: run, outcome: .failed, message: "the run failed: \(error)"))
        observe(.runFailed("\(error)"))
        throw error
    }

    /// Where the run stands: behind its last committed round, or at its beginning.
    private func recovered() async throws -> RunRecords.Recovered {
        if let recovered = try await records.recover(layout: model.layout) { return recovered }
        let parameters: ParameterVector
        do {
            parameters = try model.initialParameters(SeededGenerator(key: config.seed).stream("model"))
        } catch {
            throw CoordinatorError(.model, "the model cannot be made: \(error)")
        }
        let start = ServerModel(parameters: parameters)
        try await records.saveInitial(start)
        return RunRecords.Recovered(version: ModelVersion(0), model: start)
    }

    /// Tells all workers, now and later, that no assignments will come.
    private func end(_ message: RunEnded) {
        guard ended == nil else { return }
        ended = message
        Task { await records.forgetStatus() }
        for session in sessions.values { session.send(.message(.runEnded(message))) }
    }
}
