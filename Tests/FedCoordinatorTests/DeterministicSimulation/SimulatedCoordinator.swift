// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStrategies
import FedWire

/// A coordinator's process: it does what `Coordinator` does around the pure parts, which are the real ones, with a store, a
/// network and a clock of the simulation.
///
/// What the real one awaits is an event here, between which anything may happen.
final class SimulatedCoordinator {
    /// What the real one's settings say.
    enum Settings {
        static let heartbeatSeconds = 2.0
        static let reconnectGrace = 1.0
        static let restartGrace = 20.0
        static let attempts = 3
    }

    unowned let world: SimulatedWorld
    /// Tells it from those before it.
    let life: Int
    /// It is killed, and does nothing any more.
    var isDown = false
    let config: RunConfig
    let strategy: Strategy
    let planner: RoundPlanner
    let weights: StalenessWeighting

    var sessions: [WorkerID: SimulatedLink] = [:]
    var sessionCount = 0
    var open: SimulatedRound?
    /// The updates that are arriving or on their way to the disk, by the number they were sent under.
    var arriving: [Int: SimulatedUpload] = [:]
    var partials = PartialUploads(byteLimit: 1 << 20)
    var waiting: (needed: Int, action: () -> Void)?
    var isEnded = false
    var attempts = 0
    /// How often the open round was tried in this process.
    var attemptsAtRound = 0
    /// The round whose journal is open.
    var journalRound: RoundID?
    var history = ArrivalHistory()
    var streaks: RefusalStreaks
    var overdue: OverdueAssignments
    var committedRounds = 0
    var quarantined: Set<WorkerID> = []
    /// When the clock jumped, by the world's time.
    private(set) var jumpedAt = -Double.infinity
    private let startedAt: Double
    private var jumped = 0.0

    init(in world: SimulatedWorld, life: Int) {
        self.world = world
        self.life = life
        config = world.scenario.config
        guard let strategy = try? StrategyRegistry.strategy(config.strategy, fraction: config.cohort.fraction) else {
            preconditionFailure("the strategy is known")
        }
        self.strategy = strategy
        planner = RoundPlanner(run: Scenario.run, config: config, strategy: strategy)
        weights = StalenessWeighting(strategy.weighting, foldsLate: config.cohort.late == .fold)
        streaks = RefusalStreaks(limit: config.limits.refusalsInARow)
        overdue = OverdueAssignments(staleness: config.cohort.allowedStaleness)
        startedAt = world.now
    }

    // MARK: Its clock and its disk

    /// Seconds since the process was started, on a clock that may jump forward.
    var now: Double { world.now - startedAt + jumped }

    /// Does something in a while, if the process is still there.
    func later(_ seconds: Double, _ action: @escaping () -> Void) {
        world.after(seconds) { [self] in if !isDown { action() } }
    }

    /// The machine was asleep, or somebody has set the clock: what should have happened meanwhile happens now.
    func jump(by seconds: Double) {
        jumped += seconds
        jumpedAt = world.now
        guard let round = open, !round.isOver else { return }
        for instant in round.alarms {
            later(max(instant - now, world.uniform(0, 0.05))) { [unowned self] in wake(round, at: instant) }
        }
    }

    /// Makes something durable: a kill comes before or behind that, or between that and the call of `next`.
    func disk(_ name: String, _ operation: @escaping () -> Void, then next: @escaping () -> Void) {
        let seconds = diskSeconds()
        later(seconds * world.uniform(0, 1)) { [world] in
            world.note { "disk: \(name)" }
            operation()
        }
        later(seconds, next)
    }

    /// Seconds that the disk takes for something.
    func diskSeconds() -> Double {
        let isSlow = !world.isHealed && world.chance(world.scenario.shareOfSlowDisk)
        return isSlow ? world.uniform(0.1, 8) : world.uniform(0.001, 0.02)
    }

    // MARK: The life of a run

    func start() {
        let next = { [unowned self] in recover() }
        disk("the run is running", { [world] in world.store.setState(.running) }, then: next)
    }

    private func recover() {
        let store = world.store
        committedRounds = store.committed
        world.laws.recovers(committedRounds)
        history = ArrivalHistory(store.rounds.map(\.record))
        for (plan, record) in store.rounds {
            overdue.committed(plan, record)
            _ = streaks.roundClosed(
                accepted: record.accepted.map(\.worker) + record.folded.map(\.update.worker), refused: record.refused)
        }
        quarantined = store.quarantined
        if let plan = store.openPlan {
            world.note { "round \(plan.round) goes on" }
            attemptRound(plan, grace: Settings.restartGrace)
        } else if let last = store.rounds.last?.record {
            welcomeBack(last.participants, until: now + Settings.restartGrace)
        } else {
            nextRound()
        }
    }

    /// Gives the workers of the last round some time to come back.
    private func welcomeBack(_ workers: [WorkerID], until end: Double) {
        guard now < end, !workers.allSatisfy({ sessions[$0] != nil }) else { return nextRound() }
        later(0.25) { [unowned self] in welcomeBack(workers, until: end) }
    }

    func nextRound() {
        guard committedRounds < config.rounds else {
            return disk("the run has finished", { [world] in world.store.setState(.finished) }) { [unowned self] in
                isEnded = true
            }
        }
        attemptsAtRound = 0
        let round = RoundID(committedRounds + 1)
        enoughWorkers(for: round) { [unowned self] workers in
            let version = ModelVersion(committedRounds)
            guard let plan = try? planner.plan(round, version: version, workers: workers, history: history) else {
                return world.laws.break("round \(round) cannot be planned")
            }
            world.laws.plans(plan, isRetry: false)
            if world.bug == .dispatchesBeforeStoring { attemptRound(plan, grace: Settings.reconnectGrace) }
            disk("plan of round \(round)", { [world] in world.store.begin(plan) }) { [unowned self] in
                guard world.bug != .dispatchesBeforeStoring else { return }
                attemptRound(plan, grace: Settings.reconnectGrace)
            }
        }
    }
}
