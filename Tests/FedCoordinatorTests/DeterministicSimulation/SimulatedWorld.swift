// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore

/// A coordinator, its store, workers and the network between them, all on one virtual clock and from one seed.
///
/// Everything happens in one thread in the order of the clock, so that a seed always tells the same story.
final class SimulatedWorld {
    /// How a simulation ended.
    struct Outcome {
        /// What did not hold; nil if everything did.
        var violation: String?
        /// What happened, where it was kept.
        var lines: [String]
        /// How many events there were.
        var events: Int
        /// How many updates were folded into a later round.
        var folded: Int
        /// How many attempts at rounds were short.
        var shortAttempts: Int
        /// How many rounds were begun when everything worked again.
        var calmRounds: Int
        /// How often the coordinator was started.
        var lives: Int
    }

    let scenario: Scenario
    let bug: SimulatedBug?
    private(set) var now = 0.0
    private(set) var isHealed = false
    private(set) var coordinator: SimulatedCoordinator?
    private(set) lazy var network = SimulatedNetwork(in: self)
    private(set) lazy var store = SimulatedStore(in: self)
    private(set) lazy var laws = SimulationLaws(in: self)
    private lazy var workers = scenario.workers.map { SimulatedWorker($0, in: self) }
    private var generator: SeededGenerator
    private var queue = EventQueue()
    private var trace: Trace
    private var lives = 0
    private var uploads = 0
    var shortAttempts = 0

    /// The world of a seed; with `bug` its coordinator has one.
    init(seed: UInt64, bug: SimulatedBug? = nil, isTraced: Bool = false) {
        generator = SeededGenerator(key: seed).stream("simulation")
        scenario = Scenario(drawnFrom: &generator)
        self.bug = bug
        trace = Trace(isKept: isTraced)
    }

    /// Lives through it until the run has finished or something does not hold.
    func run() -> Outcome {
        note {
            let cohort = scenario.config.cohort
            return
                "\(scenario.workers.count) workers, \(scenario.config.rounds) rounds, \(cohort), heals at \(scenario.healsAt)"
        }
        startCoordinator()
        for worker in workers { after(uniform(0, 1)) { worker.start() } }
        scheduleFault()
        at(scenario.healsAt) { [unowned self] in heal() }
        var events = 0
        while laws.violation == nil, store.state != .finished {
            guard let (time, action) = queue.next() else {
                laws.break("nothing happens any more")
                break
            }
            now = time
            action()
            events += 1
            if let coordinator { laws.checkOpenRound(of: coordinator) }
            if isHealed {
                laws.check(now <= lastInstant, "the run has not finished though everything works")
            }
        }
        if laws.violation == nil { laws.checkEnd() }
        return Outcome(
            violation: laws.violation, lines: trace.lines, events: events,
            folded: store.rounds.reduce(0) { $0 + $1.record.folded.count }, shortAttempts: shortAttempts,
            calmRounds: laws.calmRounds, lives: lives)
    }

    /// When the run must have finished: everybody is back, what was open has been tried often enough, and the rest took no
    /// longer than deadlines allow.
    private var lastInstant: Double {
        let deadline = max(laws.longestDeadline, 600)
        return scenario.calmAt + Double(scenario.config.rounds + 8) * 2 * deadline
    }

    // MARK: Time, chance and words

    func at(_ time: Double, _ action: @escaping () -> Void) { queue.add(at: max(time, now), action) }

    func after(_ seconds: Double, _ action: @escaping () -> Void) { queue.add(at: now + seconds, action) }

    func chance(_ probability: Double) -> Bool { generator.nextUnitDouble() < probability }

    func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * generator.nextUnitDouble() }

    func index(below count: Int) -> Int { generator.nextIndex(below: count) }

    func makeGenerator() -> SeededGenerator { SeededGenerator(key: generator.next()) }

    func note(_ line: () -> String) { trace.note(now, line) }

    // MARK: Who is there

    func worker(_ name: WorkerID) -> SimulatedWorker {
        guard let worker = workers.first(where: { $0.name == name }) else { preconditionFailure("there is no \(name)") }
        return worker
    }

    /// A number that no update was sent under before.
    func nextUpload() -> Int {
        uploads += 1
        return uploads
    }

    private func startCoordinator() {
        lives += 1
        note { "coordinator starts for the \(lives). time" }
        let coordinator = SimulatedCoordinator(in: self, life: lives)
        self.coordinator = coordinator
        coordinator.start()
    }

    /// The coordinator's process is gone, and is started again after a while.
    func endCoordinator(because reason: String, restartAfter seconds: Double) {
        guard let ended = coordinator else { return }
        note { "coordinator ends: \(reason)" }
        ended.isDown = true
        coordinator = nil
        for link in network.links where link.isOpenAtCoordinator { network.closeFromCoordinator(link) }
        after(seconds) { [unowned self] in startCoordinator() }
    }

    // MARK: Faults

    private func scheduleFault() {
        after(uniform(0, 2 * scenario.faultInterval)) { [unowned self] in
            guard !isHealed else { return }
            fault()
            scheduleFault()
        }
    }

    private func fault() {
        let worker = workers[index(below: workers.count)]
        switch index(below: 13) {
        case 0, 1, 2:
            let open = network.links.filter { !$0.isCut }
            if !open.isEmpty { network.cut(open[index(below: open.count)]) }
        case 3:
            let group = scenario.workers.filter { _ in chance(0.5) }
            let seconds = uniform(0.5, 20)
            note { "\(group.map(\.rawValue)) reach nobody for \(seconds) seconds" }
            network.partition(group, seconds: seconds)
        case 4: worker.crash(restartAfter: uniform(0.1, 20), losesFiles: false)
        case 5: worker.crash(restartAfter: uniform(0.1, 5), losesFiles: chance(0.5))
        case 6, 7: endCoordinator(because: "it is killed", restartAfter: uniform(0.1, chance(0.2) ? 30 : 3))
        case 8, 12:
            let seconds = uniform(0, chance(0.3) ? 700 : 30)
            note { "the coordinator's clock jumps by \(seconds) seconds" }
            coordinator?.jump(by: seconds)
        case 9: worker.nextTraining = .isLong
        case 10: worker.nextTraining = .makesNonsense
        default: worker.nextTraining = .fails
        }
    }

    private func heal() {
        note { "everything is repaired" }
        isHealed = true
        network.heal()
        for worker in workers { worker.nextTraining = .isUsual }
        releaseTheQuarantined()
    }

    /// Somebody says `fedcoord node release` now and then.
    private func releaseTheQuarantined() {
        for worker in scenario.workers where store.quarantined.contains(worker) {
            store.release(worker)
            coordinator?.release(worker)
        }
        after(5) { [unowned self] in releaseTheQuarantined() }
    }
}
