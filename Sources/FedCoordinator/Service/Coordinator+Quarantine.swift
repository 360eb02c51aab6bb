// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStore
internal import FedWire

/// Workers that take no part until somebody releases them.
extension Coordinator {
    /// Takes up who is in quarantine, as `fedcoord node quarantine` and `release` may have changed it, and ends the sessions of
    /// those that are; what cannot be read leaves things as they are.
    func refreshQuarantine() async {
        guard let stored = try? await records.quarantined() else { return }
        let known = quarantined
        quarantined = known.filter { newlyQuarantined.contains($0.key) }
        for entry in stored { quarantined[entry.worker] = entry.reason }
        for entry in stored where known[entry.worker] == nil {
            observe(.quarantined(entry.worker, reason: entry.reason))
        }
        for worker in known.keys where quarantined[worker] == nil { observe(.released(worker)) }
        for worker in quarantined.keys { expel(worker) }
    }

    /// Why a worker may not take part now; nil if it may. It may try again: a quarantine ends.
    func quarantine(of worker: WorkerID) -> PeerError? {
        quarantined[worker].map { PeerError(code: .quarantined, message: "\(worker) is in quarantine: \($0)") }
    }

    /// Puts the workers into quarantine whose updates were refused too often in a row, the last time in this attempt.
    func quarantineTheRefused(in round: OpenRound) {
        let refused = RoundRecord.refused(in: round.engine, leftOut: round.leftOut)
        let accepted = Array(round.ledger.accepted.keys) + round.ledger.folded.keys
        for update in streaks.roundClosed(accepted: accepted, refused: refused) {
            let reason =
                "refused \(config.limits.refusalsInARow) times in a row, the last time in round "
                + "\(round.engine.plan.round): \(update.reason)"
            quarantined[update.worker] = reason
            observe(.quarantined(update.worker, reason: reason))
            expel(update.worker)
            newlyQuarantined.insert(update.worker)
            Task {
                try? await records.quarantine(update.worker, reason: reason)
                newlyQuarantined.remove(update.worker)
            }
        }
    }

    private func expel(_ worker: WorkerID) {
        forgetStatistics(of: worker)
        guard let session = sessions[worker], let refusal = quarantine(of: worker) else { return }
        lost(session, reason: refusal.message)
        Task { await session.close(refusal) }
    }
}
