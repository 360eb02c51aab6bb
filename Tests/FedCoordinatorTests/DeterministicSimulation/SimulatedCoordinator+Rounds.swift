// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedStrategies

/// As `Coordinator+Rounds` and `Coordinator+Commit` have it.
extension SimulatedCoordinator {
    /// Reads the journal, and opens the round with what is there.
    func attemptRound(_ plan: RoundPlan, grace: Double) {
        journalRound = plan.round
        read(plan, grace: grace, RoundLedger(of: plan), makeAggregation(for: plan))
    }

    private func read(_ plan: RoundPlan, grace: Double, _ ledger: RoundLedger, _ aggregation: any Aggregation) {
        var (ledger, aggregation) = (ledger, aggregation)
        let entries = world.store.journals[plan.round, default: []]
        later(diskSeconds()) { [unowned self] in
            add(entries, to: &ledger, &aggregation)
            let isComplete = open.map { ledger.covers($0.ledger) } ?? true
            guard isComplete || world.bug == .readsTheJournalOnce else {
                return read(plan, grace: grace, ledger, aggregation)
            }
            begin(plan, ledger, aggregation, grace: grace)
        }
    }

    private func add(_ entries: [ClientUpdate], to ledger: inout RoundLedger, _ aggregation: inout any Aggregation) {
        for update in entries where ledger.admits(update.worker, of: update.round) {
            let weight = weight(examples: update.exampleCount, of: update.round, in: ledger.round)
            let folding = FoldingUpdate(
                codec: SimulatedWorker.codec, layout: SimulatedWorker.layout, byteCount: update.payload.count,
                weight: weight)
            folding.push(update.payload, into: &aggregation)
            do throws(CoreError) {
                try aggregation.count(weight: weight, in: update.scope)
            } catch {
                return world.laws.break("what is in the journal cannot be counted: \(error.message)")
            }
            let sha256 = world.laws.sha256(of: update.payload).text
            ledger.keep(AcceptedUpdate(update, weight: weight, sha256: sha256), of: update.round)
        }
    }

    private func begin(_ plan: RoundPlan, _ ledger: RoundLedger, _ aggregation: any Aggregation, grace: Double) {
        attempts += 1
        world.laws.begins(ledger, by: life)
        let dispatchedAt =
            open.flatMap { $0.engine.plan.round == plan.round ? $0.engine.paces.compactMapValues(\.dispatchedAt) : nil }
        let round = SimulatedRound(
            attempt: attempts,
            engine: RoundEngine(
                plan: plan, stored: Set(ledger.accepted.keys), dispatchedAt: dispatchedAt ?? [:],
                reconnectGrace: grace, heartbeatSeconds: Settings.heartbeatSeconds, late: config.cohort.late,
                overdue: overdue.assignments, folded: Set(ledger.folded.keys), now: now),
            aggregation: aggregation, ledger: ledger)
        open = round
        world.note {
            "round \(plan.round) begins: \(plan.assignments.map(\.worker.rawValue)), quorum \(plan.quorum), "
                + "deadline \(plan.deadlineSeconds), in the journal \(ledger.accepted.keys.sorted().map(\.rawValue))"
        }
        let connected = Set(sessions.keys)
        decide { $0.start(connected: connected, now: $1) }
    }

    private func makeAggregation(for plan: RoundPlan) -> any Aggregation {
        let bound = weights.bound(
            updates: plan.assignments.count + overdue.assignments.count,
            examplesPerWorker: config.limits.examplesPerWorker)
        // A bug may count more than there is room for, and is to be found by what comes of it.
        guard let aggregation = try? strategy.aggregator.begin(count: 3, weightBound: 2 * bound) else {
            preconditionFailure("three sums can be kept")
        }
        return aggregation
    }

    func weight(examples: Int, of round: RoundID, in open: RoundID) -> Int64 {
        let roundsLate = world.bug == .weighsLateInFull ? 0 : open.rawValue - round.rawValue
        return weights.weight(examples: examples, roundsLate: roundsLate)
    }

    /// Lets the engine of the open round decide at this instant, and does what it says.
    func decide(_ event: (inout RoundEngine, _ now: Double) -> [RoundEngine.Action]) {
        guard let round = open, !round.isOver else { return }
        for action in event(&round.engine, now) { perform(action, in: round) }
    }

    private func perform(_ action: RoundEngine.Action, in round: SimulatedRound) {
        switch action {
        case .dispatch(let worker):
            guard let link = sessions[worker], let assignment = round.engine.assignment(of: worker) else { return }
            world.laws.dispatches(assignment)
            world.network.sendToWorker(.assignment(assignment), on: link)
        case .cancel(let worker): stop(worker, round.ledger.round)
        case .wake(let instant):
            guard world.bug != .forgetsTheTime else { return }
            round.alarms.append(instant)
            later(max(0, instant - now)) { [unowned self] in wake(round, at: instant) }
        case .close(let outcome):
            world.note { "round \(round.ledger.round) closes: \(outcome)" }
            round.isOver = true
            for upload in arriving.values where upload.folding.attempt == round.attempt {
                takeBack(upload, from: round)
            }
            later(world.uniform(0, 0.002)) { [unowned self] in closed(round, outcome) }
        }
    }

    func takeBack(_ upload: SimulatedUpload, from round: SimulatedRound) {
        guard world.bug != .keepsWhatBrokeOff else { return }
        upload.folding.takeBack(from: &round.aggregation)
    }

    func wake(_ round: SimulatedRound, at instant: Double) {
        guard open === round else { return }
        round.alarms.removeAll { $0 == instant }
        decide { $0.timePassed(now: max($1, instant)) }
    }

    private func stop(_ worker: WorkerID, _ round: RoundID) {
        if let link = sessions[worker] { world.network.sendToWorker(.cancel(round), on: link) }
    }

    private func closed(_ round: SimulatedRound, _ outcome: RoundEngine.Outcome) {
        let refused = RoundRecord.refused(in: round.engine)
        let accepted = Array(round.ledger.accepted.keys) + round.ledger.folded.keys
        for update in streaks.roundClosed(accepted: accepted, refused: refused) { quarantine(update.worker) }
        guard case .short = outcome else { return commit(round) }
        attemptsAtRound += 1
        world.shortAttempts += 1
        guard attemptsAtRound < Settings.attempts else {
            return world.endCoordinator(because: "too few updates", restartAfter: world.uniform(1, 5))
        }
        enoughWorkers(for: round.ledger.round) { [unowned self] available in
            let isForgotten = world.bug == .replansWithoutTheStored
            let stored = isForgotten ? [] : round.ledger.uncounted.union(round.ledger.accepted.keys)
            guard let plan = try? planner.replanned(round.engine.plan, stored: stored, available: available) else {
                return world.laws.break("round \(round.ledger.round) cannot be planned again")
            }
            world.laws.plans(plan, isRetry: true)
            disk("another plan of round \(plan.round)", { [world] in world.store.retry(plan) }) { [unowned self] in
                attemptRound(plan, grace: Settings.reconnectGrace)
            }
        }
    }

    private func commit(_ round: SimulatedRound) {
        open = nil
        partials.removeAll()
        var record = RoundRecord(of: round.engine, round.ledger)
        if world.bug == .forgetsWhatWasFolded { record.folded = [] }
        let model = round.aggregation.takeResult()
        let save = { [world] in world.store.save(model, version: record.version) }
        let close = { [world] in world.store.commit(record) }
        let next = { [unowned self] in committed(record, of: round.engine.plan) }
        if world.bug == .commitsBeforeItsModel {
            disk("record of round \(record.round)", close) { [unowned self] in
                disk("model \(record.version)", save, then: next)
            }
        } else {
            disk("model \(record.version)", save) { [unowned self] in
                disk("record of round \(record.round)", close, then: next)
            }
        }
    }

    private func committed(_ record: RoundRecord, of plan: RoundPlan) {
        journalRound = nil
        later(world.uniform(0, 0.1)) { [world] in world.store.discardJournals(before: record.round.next) }
        history.add(record)
        for assignment in overdue.committed(plan, record) { stop(assignment.worker, assignment.round) }
        committedRounds = record.version.rawValue
        nextRound()
    }

    /// Waits until the workers that a round needs are connected.
    func enoughWorkers(for round: RoundID, then next: @escaping ([WorkerID]) -> Void) {
        let found = { [unowned self] in
            let available = overdue.available(among: Array(sessions.keys))
            for assignment in available.left { stop(assignment.worker, assignment.round) }
            // Whoever came may have left again.
            guard !available.workers.isEmpty else { return enoughWorkers(for: round, then: next) }
            next(available.workers)
        }
        let needed = planner.neededWorkers(for: round)
        if sessions.count >= needed { found() } else { waiting = (needed, found) }
    }
}

extension AcceptedUpdate {
    /// What is kept of an update without its payload, whose digest is known.
    init(_ update: ClientUpdate, weight: Int64, sha256: String) {
        self.init(
            worker: update.worker, exampleCount: update.exampleCount, weight: weight,
            payloadBytes: update.payload.count, payloadSHA256: sha256, metrics: update.metrics)
    }
}
