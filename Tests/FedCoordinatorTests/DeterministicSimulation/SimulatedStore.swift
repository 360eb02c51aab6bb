// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore

/// What is durable: all that a coordinator finds that is started again.
///
/// The logical model of `RunStore`: what is asked of it is done as a whole or, where the process is killed before, not at all.
final class SimulatedStore {
    private unowned let world: SimulatedWorld
    private(set) var state = RunState.created
    /// The plan of the open round.
    private(set) var openPlan: RoundPlan?
    private(set) var journals: [RoundID: [ClientUpdate]] = [:]
    private(set) var rounds: [(plan: RoundPlan, record: RoundRecord)] = []
    private(set) var models: [ModelVersion: [Float]] = [:]
    private(set) var quarantined: Set<WorkerID> = []

    init(in world: SimulatedWorld) { self.world = world }

    /// How many rounds are committed.
    var committed: Int { rounds.count }

    func setState(_ next: RunState) {
        world.laws.check(state.canBecome(next), "a run that is \(state.rawValue) became \(next.rawValue)")
        state = next
    }

    func begin(_ plan: RoundPlan) {
        world.laws.check(state == .running && openPlan == nil, "round \(plan.round) began while another one was open")
        world.laws.check(plan.round.rawValue == committed + 1, "round \(plan.round) began behind round \(committed)")
        openPlan = plan
    }

    func retry(_ plan: RoundPlan) {
        world.laws.check(openPlan?.round == plan.round, "round \(plan.round) is tried again, and is not open")
        openPlan = plan
    }

    func append(_ update: ClientUpdate, to round: RoundID) { journals[round, default: []].append(update) }

    /// Keeps the newest two models.
    func save(_ model: [Float], version: ModelVersion) {
        models[version] = model
        for old in models.keys.sorted().dropLast(2) { models[old] = nil }
    }

    func commit(_ record: RoundRecord) {
        guard let plan = openPlan, plan.round == record.round else {
            return world.laws.break("round \(record.round) is committed, and is not open")
        }
        openPlan = nil
        rounds.append((plan, record))
        world.laws.committed(record, of: plan)
    }

    func discardJournals(before round: RoundID) { journals = journals.filter { $0.key >= round } }

    func quarantine(_ worker: WorkerID) { quarantined.insert(worker) }

    func release(_ worker: WorkerID) { quarantined.remove(worker) }

    /// Whether an update with this digest is durable: in the journal of the open round, or named in a record.
    func holds(_ worker: WorkerID, _ round: RoundID, sha256: String) -> Bool {
        if rounds.contains(where: { $0.record.update(of: worker, madeIn: round)?.payloadSHA256 == sha256 }) {
            return true
        }
        guard let openPlan else { return false }
        return journals[openPlan.round, default: []].contains {
            $0.worker == worker && $0.round == round && world.laws.sha256(of: $0.payload).text == sha256
        }
    }
}
