// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore

/// What a closed round leaves behind, and what can be looked up there.
extension RoundRecord {
    /// The record of a round that was closed: who was asked, and what became of each update. What travelled, how long it took
    /// and which model came of it is to be filled in.
    package init(of engine: borrowing RoundEngine, _ ledger: RoundLedger, leftOut: [WorkerID: UpdateRefusal] = [:]) {
        var accepted: [AcceptedUpdate] = []
        var late: [LateWorker] = []
        for worker in engine.plan.assignments.map(\.worker) {
            if var update = ledger.accepted[worker] {
                update.arrivalSeconds = engine.secondsAtWork(worker)
                accepted.append(update)
            }
            if engine.isAtWork(worker) {
                let seconds = engine.secondsAtWork(worker) ?? engine.plan.deadlineSeconds
                late.append(LateWorker(worker: worker, seconds: seconds))
            }
        }
        self.init(
            round: engine.plan.round, version: engine.plan.baseVersion.next,
            participants: engine.plan.assignments.map(\.worker), accepted: accepted,
            refused: Self.refused(in: engine, leftOut: leftOut),
            folded: ledger.folded.values.sorted { $0.update.worker < $1.update.worker }, late: late, uplinkBytes: 0,
            downlinkBytes: 0, modelsSent: 0, seconds: 0, modelSHA256: "")
    }

    /// The refused updates of a round, those that were left out when it closed, and those of earlier rounds that it did not fold.
    package static func refused(
        in engine: borrowing RoundEngine, leftOut: [WorkerID: UpdateRefusal] = [:]
    ) -> [RefusedUpdate] {
        var standings: [(worker: WorkerID, standing: RoundEngine.Standing?)] = []
        for worker in engine.plan.assignments.map(\.worker) { standings.append((worker, engine.standings[worker])) }
        for (worker, overdue) in engine.overdue.sorted(by: { $0.key < $1.key }) {
            standings.append((worker, overdue.standing))
        }
        return standings.compactMap { worker, standing in
            if let refusal = leftOut[worker] { return RefusedUpdate(worker: worker, reason: refusal.message) }
            guard case .refused(let refusal) = standing else { return nil }
            return RefusedUpdate(worker: worker, reason: refusal.message)
        }
    }

    /// The update of a worker for `round` that is part of the model that this record's round made; nil if none is.
    package func update(of worker: WorkerID, madeIn round: RoundID) -> AcceptedUpdate? {
        if round == self.round { return accepted.first { $0.worker == worker } }
        return folded.first { $0.round == round && $0.update.worker == worker }?.update
    }
}
