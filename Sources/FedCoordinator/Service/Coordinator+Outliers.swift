// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedStrategies
internal import FedWire

extension Coordinator {
    /// Leaves updates out of a closed round that are too long beside the others; the outcome is short where too few remain.
    ///
    /// This is decided once all are there, and so depends neither on the order of arrival nor on restarts. Such an update was
    /// acknowledged, as it is on disk; its worker is told that it is not part of the model. With error feedback the
    /// worker does not take up again what it sent, on purpose: what is out of all proportion is not to come again bit
    /// by bit.
    func withoutOutliers(_ outcome: RoundEngine.Outcome) async throws -> RoundEngine.Outcome {
        guard outcome == .complete, let factor = config.limits.relativeNorm, let round = open else { return outcome }
        let outliers = UpdateNorm.outliers(among: round.norms, factor: factor)
        guard !outliers.isEmpty else { return outcome }
        let plan = round.engine.plan
        for (worker, refusal) in outliers {
            round.leftOut[worker] = refusal
            sessions[worker]?.send(
                .message(
                    .receipt(
                        Receipt(run: run, round: plan.round, verdict: .refused(refusal.code, refusal.message)))))
            observe(.updateRefused(worker, plan.round, reason: refusal.message))
        }
        try await takeBack(Set(outliers.map(\.worker)), from: round)
        let left = round.ledger.accepted.count
        return left >= plan.quorum ? .complete : .short(accepted: left, quorum: plan.quorum)
    }

    /// Takes stored updates out of a closed round's sum, to the bit, by reading them once more.
    private func takeBack(_ workers: Set<WorkerID>, from round: OpenRound) async throws {
        var missing = workers
        let cursor = try await records.storedUpdates()
        while !missing.isEmpty, let update = try await cursor?.next() {
            guard missing.remove(update.worker) != nil, let uplink = uplink(in: round, of: update.scope),
                let accepted = round.ledger.takeOut(update.worker)
            else { continue }
            let weight = strategy.weighting.weight(examples: accepted.exampleCount)
            var decoder = UpdateDecoder(uplink, layout: model.layout)
            try decoder.push(update.payload) { (piece) throws(CodecError) in
                try FoldingUpdate.add(piece, weight: -weight, to: &round.aggregation)
            }
            round.aggregation.discount(weight: weight, in: update.scope)
        }
        precondition(missing.isEmpty, "updates that count are in the journal")
    }
}
