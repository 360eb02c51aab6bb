// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedTransport

/// What must hold whatever happens; the first thing that does not ends the simulation.
final class SimulationLaws {
    /// One update: whose, of which round, and which bytes.
    struct Update: Hashable {
        var worker: WorkerID
        var round: RoundID
        var sha256: String
    }

    private unowned let world: SimulatedWorld
    /// What each update stands for, and how many examples it rests on.
    private var meanings: [Update: (values: [Float], examples: Int)] = [:]
    private var digests: [[UInt8]: (bytes: [UInt8], text: String)] = [:]
    /// Acknowledged and not yet named by a record.
    private var outstanding: Set<Update> = []
    /// Dropped by their workers, since they were refused for good.
    private var dropped: Set<Update> = []
    /// Named by records.
    private var used: Set<Update> = []
    /// Whose update of which round was acknowledged.
    private var acknowledgedWorkers: [RoundID: Set<WorkerID>] = [:]
    /// Whose updates of which round are in a round's journal and were not counted when they came there, and which coordinator
    /// said so.
    private var left: [RoundID: [(worker: WorkerID, round: RoundID, life: Int)]] = [:]
    /// When each round was first planned, and whether it was tried again.
    private var planned: [RoundID: (at: Double, isRetried: Bool)] = [:]
    private var mostCommitted = 0
    private(set) var longestDeadline = 0.0
    /// How many rounds were begun when everything worked again.
    private(set) var calmRounds = 0
    /// The first thing that did not hold.
    private(set) var violation: String?

    init(in world: SimulatedWorld) { self.world = world }

    /// Says that something does not hold.
    func `break`(_ message: String) {
        guard violation == nil else { return }
        violation = message
        world.note { "── this must not be: \(message)" }
    }

    func check(_ condition: Bool, _ message: @autoclosure () -> String) { if !condition { self.break(message()) } }

    /// SHA-256 of a payload, which is computed once.
    func sha256(of payload: [UInt8]) -> (bytes: [UInt8], text: String) {
        if let known = digests[payload] { return known }
        let bytes = OutgoingPayload(payload).sha256
        let digest = (bytes, PayloadDigest.text(bytes))
        digests[payload] = digest
        return digest
    }

    /// A worker has made an update; perhaps again, after it was asked again for one that had been of no use.
    func made(_ update: ClientUpdate, values: [Float]) {
        let key = Update(worker: update.worker, round: update.round, sha256: sha256(of: update.payload).text)
        meanings[key] = (values, update.exampleCount)
        dropped.remove(key)
    }

    /// A worker has learnt that its update is of no use: what it carries over to the next round rests on that.
    func drops(_ update: ClientUpdate) {
        let key = Update(worker: update.worker, round: update.round, sha256: sha256(of: update.payload).text)
        check(
            !used.contains(key) && !outstanding.contains(key),
            "\(key.worker) drops its update of round \(key.round), and it was used")
        dropped.insert(key)
    }

    // MARK: What the coordinator does

    /// Persist, then send; and who was acknowledged is not asked again.
    func dispatches(_ assignment: WorkerAssignment) {
        let plan = world.store.openPlan
        check(
            plan?.assignments.contains(assignment) == true,
            "round \(assignment.round) is dispatched to \(assignment.worker), and its plan is not on the disk")
        check(
            acknowledgedWorkers[assignment.round]?.contains(assignment.worker) != true,
            "\(assignment.worker) is asked for round \(assignment.round) again, and its update was acknowledged")
    }

    /// A receipt is true: of an acknowledged update the bytes are durable, and one that was refused for good is in no model.
    func answers(_ update: Update, isAcknowledged: Bool) {
        if isAcknowledged {
            check(
                world.store.holds(update.worker, update.round, sha256: update.sha256),
                "an update of \(update.worker) for round \(update.round) is acknowledged, and is not on the disk")
            acknowledgedWorkers[update.round, default: []].insert(update.worker)
            if !used.contains(update) { outstanding.insert(update) }
        } else {
            check(
                !used.contains(update) && !outstanding.contains(update),
                "\(update.worker) is told that its update of round \(update.round) is of no use, and it was used")
        }
    }

    /// What counts is the first that the journal has of its worker and round: that is what a restarted coordinator counts.
    func counts(_ update: ClientUpdate, in journal: RoundID) {
        let same = world.store.journals[journal, default: []].filter {
            $0.worker == update.worker && $0.round == update.round
        }
        check(
            same.first?.payload == update.payload,
            "the update of \(update.worker) for round \(update.round) counts, and the journal has another one before it"
        )
        check(
            same.count == 1 || world.bug == .countsRepetitions,
            "the update of \(update.worker) for round \(update.round) is in the journal twice")
    }

    /// An update is in a journal, and its worker was told that this attempt of the round does not count it.
    func leaves(_ worker: WorkerID, _ round: RoundID, in journal: RoundID, by life: Int) {
        left[journal, default: []].append((worker, round, life))
    }

    /// An attempt knows of what was stored before it began, as a restarted coordinator would.
    func begins(_ ledger: RoundLedger, by life: Int) {
        for (worker, round, teller) in left[ledger.round, default: []] where teller == life {
            check(
                ledger.holds(worker, of: round) || (round == ledger.round && ledger.uncounted.contains(worker)),
                "the update of \(worker) for round \(round) is on the disk, and an attempt begins without it")
        }
    }

    func plans(_ plan: RoundPlan, isRetry: Bool) {
        longestDeadline = max(longestDeadline, plan.deadlineSeconds)
        if isRetry { planned[plan.round]?.isRetried = true } else { planned[plan.round] = (world.now, false) }
    }

    /// A started coordinator finds what the ones before it have committed, and the model that came of it.
    func recovers(_ rounds: Int) {
        check(
            rounds >= mostCommitted, "round \(mostCommitted) was committed, and the run goes on behind round \(rounds)")
        check(
            rounds == 0 || world.store.models[ModelVersion(rounds)] != nil,
            "round \(rounds) is committed, and its model is not on the disk")
    }

    /// A record is durable.
    func committed(_ record: RoundRecord, of plan: RoundPlan) {
        check(record.round.rawValue == mostCommitted + 1, "round \(record.round) follows round \(mostCommitted)")
        check(record.version.rawValue == record.round.rawValue, "round \(record.round) made model \(record.version)")
        mostCommitted = record.round.rawValue
        check(record.accepted.count >= plan.quorum, "round \(record.round) made a model without its quorum")
        let updates =
            record.accepted.map { FoldedUpdate(round: record.round, update: $0) } + record.folded
        for folded in updates {
            let update = Update(
                worker: folded.update.worker, round: folded.round, sha256: folded.update.payloadSHA256 ?? "")
            check(
                !used.contains { $0.worker == update.worker && $0.round == update.round },
                "the update of \(update.worker) for round \(update.round) is part of two models, or twice of one")
            check(
                !dropped.contains(update),
                "\(update.worker) was told that its update of round \(update.round) is of no use, and it is part of a model"
            )
            used.insert(update)
            outstanding.remove(update)
        }
        if let lost = outstanding.min(by: { ($0.round, $0.worker) < ($1.round, $1.worker) }) {
            self.break(
                "an update of \(lost.worker) for round \(lost.round) was acknowledged, and is in no model up to round "
                    + "\(record.round)")
        }
        checkModel(record, updates)
        checkPace(record, plan)
    }

    /// The model has the same bits as the mean of the updates that the record names, each added once and as a whole.
    private func checkModel(_ record: RoundRecord, _ updates: [FoldedUpdate]) {
        let cohort = world.scenario.config.cohort
        let weights = StalenessWeighting(
            world.scenario.config.strategy.weighting, foldsLate: cohort.late == .fold)
        guard let model = world.store.models[record.version] else { return }  // `recovers` says so if it is missed
        guard var sum = try? FixedPointAccumulator(count: model.count, weightBound: 1 << 20) else {
            preconditionFailure("the bound leaves room")
        }
        for folded in updates.sorted(by: { $0.update.worker < $1.update.worker }) {
            let update = Update(
                worker: folded.update.worker, round: folded.round, sha256: folded.update.payloadSHA256 ?? "")
            guard let meaning = meanings[update] else {
                return self.break("round \(record.round) names an update of \(update.worker) that nobody made")
            }
            let weight = weights.weight(
                examples: meaning.examples, roundsLate: record.round.rawValue - folded.round.rawValue)
            check(
                folded.update.weight == weight,
                "the update of \(update.worker) for round \(folded.round) weighs \(folded.update.weight ?? 0) in round "
                    + "\(record.round), not \(weight)")
            do throws(CoreError) {
                try sum.add(meaning.values, weight: weight)
            } catch {
                self.break("an update of \(update.worker) cannot be part of a model: \(error.message)")
            }
        }
        check(
            sum.mean().map(\.bitPattern) == model.map(\.bitPattern),
            "model \(record.version) is not the mean of the updates that its record names")
    }

    /// A round that was begun some time after everything was repaired is over within its deadline, at the first attempt.
    private func checkPace(_ record: RoundRecord, _ plan: RoundPlan) {
        guard let planned = planned[record.round], planned.at > world.scenario.calmAt else { return }
        calmRounds += 1
        check(!planned.isRetried, "round \(record.round) was tried again though everything works")
        check(
            world.now - planned.at <= plan.deadlineSeconds,
            "round \(record.round) took \(world.now - planned.at) seconds though everything works; its deadline was "
                + "\(plan.deadlineSeconds)")
    }

    // MARK: After each step

    /// The sum is what the ledger says, a round closes by its limit, and somebody will wake it.
    func checkOpenRound(of coordinator: SimulatedCoordinator) {
        guard let round = coordinator.open else { return }
        let ledger = round.ledger
        var weight: Int64 = 0
        for update in ledger.accepted.values { weight += update.weight ?? 0 }
        for folded in ledger.folded.values { weight += folded.update.weight ?? 0 }
        let (total, count) = (round.aggregation.totalWeight, round.aggregation.contributions)
        check(total == weight, "the weights of round \(ledger.round) add up to \(weight), and its sum has \(total)")
        let counted = ledger.accepted.count + ledger.folded.count
        check(count == counted, "round \(ledger.round) counts \(counted) updates, and its sum has \(count)")
        let (accepted, limit) = (round.engine.acceptedCount, round.engine.limit)
        check(
            accepted == ledger.accepted.count,
            "the engine of round \(ledger.round) counts \(accepted) updates, its ledger \(ledger.accepted.count)")
        guard !round.isOver else { return }
        check(
            coordinator.now <= limit + 0.1 || world.now < coordinator.jumpedAt + 0.1,
            "round \(ledger.round) is open after its limit")
        check(round.alarms.contains { $0 <= limit }, "round \(ledger.round) is open, and nobody will wake it")
    }

    /// What is left to check when the run has finished.
    func checkEnd() {
        check(outstanding.isEmpty, "the run has finished, and an acknowledged update is in no model")
        check(mostCommitted == world.scenario.config.rounds, "the run has finished after \(mostCommitted) rounds")
    }
}
