// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStore
internal import FedStrategies

extension Coordinator {
    /// Makes the next model out of the closed round's sum, in place, and returns once it is on disk.
    ///
    /// After an error `model` is not to be used any more: what is on disk is the model of the last round that was committed.
    func commit(_ round: RoundID, plan: RoundPlan, to model: inout ServerModel) async throws {
        guard let closed = open else { preconditionFailure("a round is closed before it is committed") }
        open = nil
        partials.removeAll()
        stopUploads(of: round)
        // A second reference would make the model be copied where it is changed.
        closed.downloads.end()
        let step: [UInt8]?
        if let aggregator = strategy.aggregator as? any BlockAggregator {
            let change = try await readBack(closed, aggregator)
            step = try maker.advance(&model, by: change, round: round)
        } else {
            step = try maker.advance(&model, by: &closed.aggregation, scales: closed.exchange?.agreed, round: round)
            // What is left of the sum, which is twice as large as the model.
            closed.aggregation = try strategy.aggregator.begin(count: 0, weightBound: 1)
        }
        let evaluation = try await evaluated(model.parameters, after: round)
        var record = RoundRecord(of: closed.engine, closed.ledger, leftOut: closed.leftOut)
        record.evaluation = evaluation
        record.uplinkBytes = closed.uplinkBytes
        record.downlinkBytes = closed.downlinkBytes.value
        record.modelsSent = closed.modelsSent
        if maker.steps.kind != .models {
            record.verification = CopyChecks(comparisons: closed.compared.count, repairs: closed.repairs)
        }
        try await takeStatistics(of: closed, version: record.version)
        let committed = try await records.commit(record, model: model, startedAt: closed.startedAt, clock: clock)
        history.add(committed)
        drawn = plan.drawn ?? drawn
        for assignment in overdue.committed(plan, committed) {
            stop(assignment, because: "its update would come more than \(config.cohort.allowedStaleness) rounds late")
        }
        if let step { steps.append(step, to: record.version) }
        observe(
            .roundCommitted(
                RunReport.Round(committed), of: config.rounds,
                denseUplinkBytes: MemoryLayout<Float>.size
                    * record.updatedValues(parameters: self.model.layout.count, parts: parts)))
    }

    /// The change that an aggregator makes of the updates that `closed` counts.
    private func readBack(_ closed: OpenRound, _ aggregator: any BlockAggregator) async throws -> [Float] {
        guard let uplink = uplink(in: closed, of: .wholeModel) else {
            preconditionFailure("updates that count were decoded")
        }
        let weights = closed.ledger.accepted.mapValues { strategy.weighting.weight(examples: $0.exampleCount) }
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
