// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStore
internal import FedStrategies

extension Coordinator {
    /// Makes the next model out of the closed round's sum, and returns it once it is on disk.
    func commit(_ round: RoundID, plan: RoundPlan, base: ServerModel) async throws -> ServerModel {
        guard let closed = open else { preconditionFailure("a round is closed before it is committed") }
        open = nil
        var next = base
        let step: [UInt8]?
        if let aggregator = strategy.aggregator as? any BlockAggregator {
            let change = try await readBack(closed, aggregator)
            step = try maker.advance(&next, by: change, round: round)
        } else {
            step = try maker.advance(&next, by: &closed.aggregation, scales: closed.exchange?.agreed, round: round)
        }
        let evaluation = try await evaluated(next.parameters, after: round)
        let accepted = plan.assignments.compactMap { closed.accepted[$0.worker] }
        let refused = plan.assignments.compactMap { assignment -> RefusedUpdate? in
            if let refusal = closed.leftOut[assignment.worker] {
                return RefusedUpdate(worker: assignment.worker, reason: refusal.message)
            }
            guard case .refused(let refusal) = closed.engine.standings[assignment.worker] else { return nil }
            return RefusedUpdate(worker: assignment.worker, reason: refusal.message)
        }
        let record = RoundRecord(
            round: round, version: plan.baseVersion.next, participants: plan.assignments.map(\.worker),
            accepted: accepted,
            refused: refused, evaluation: evaluation, uplinkBytes: accepted.reduce(0) { $0 + $1.payloadBytes },
            downlinkBytes: closed.downlinkBytes, modelsSent: closed.modelsSent,
            seconds: clock.now() - closed.startedAt, modelSHA256: "")
        let committed = try await records.commit(record, model: next, startedAt: closed.startedAt, clock: clock)
        if let step { steps.append(step, to: record.version) }
        observe(
            .roundCommitted(
                RunReport.Round(committed), of: config.rounds,
                denseUplinkBytes: accepted.count * model.layout.count * MemoryLayout<Float>.size))
        return next
    }

    /// The change that an aggregator makes of the updates that `closed` counts.
    private func readBack(_ closed: OpenRound, _ aggregator: any BlockAggregator) async throws -> [Float] {
        guard let uplink = uplink(in: closed) else { preconditionFailure("updates that count were decoded") }
        let weights = closed.accepted.mapValues { strategy.weighting.weight(examples: $0.exampleCount) }
        let updates = JournaledUpdates(weights: weights, codec: uplink, layout: model.layout)
        return try await records.withRoom { [records] in
            guard let cursor = try await records.storedUpdates() else {
                preconditionFailure("updates that count are in the journal")
            }
            return try await updates.change(cursor, aggregator, folder: records.folder)
        }
    }

    /// How good the model is, every `evaluation.every` rounds and after the last one.
    private func evaluated(_ parameters: ParameterVector, after round: RoundID) async throws -> Evaluation? {
        guard let evaluate = model.evaluate else { return nil }
        let every = config.evaluation.every
        guard round.rawValue == config.rounds || (every > 0 && round.rawValue % every == 0) else { return nil }
        do {
            return try await OwnThread.run(named: "evaluation") { try evaluate(parameters) }
        } catch {
            throw CoordinatorError(.model, "the model cannot be evaluated: \(error)")
        }
    }
}
