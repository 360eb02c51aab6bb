// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore
internal import FedWire

/// What is said to an offer of an update beside what the engine of the open round says.
package enum OfferRules {
    /// The verdict on an update of a committed round that no open round waits for: a worker that was killed after it had sent it,
    /// or was not told, offers it again and must learn whether it is part of a model.
    ///
    /// `accepted` is what the records hold of the worker for that round, `overdue` the round that it may still send an update of.
    package static func verdict(
        onLeftoverOf round: RoundID, by worker: WorkerID, sha256: [UInt8], accepted: AcceptedUpdate?, overdue: RoundID?
    ) -> RoundEngine.Verdict {
        if let accepted { return verdict(onRepetitionOf: round, by: worker, sha256: sha256, accepted: accepted) }
        guard overdue != round else {
            return .refuse(.init(.unavailable, "the round that may fold it has not begun"))
        }
        return .refuse(.init(.late, "round \(round) is over and went without this update"))
    }

    /// The verdict on an offer of a worker whose update was accepted: it may be another one, after a loss of the worker's files.
    package static func verdict(
        onRepetitionOf round: RoundID, by worker: WorkerID, sha256: [UInt8], accepted: AcceptedUpdate?
    ) -> RoundEngine.Verdict {
        guard accepted?.isPayload(sha256) == false else { return .alreadyAccepted }
        return .refuse(.init(.anotherUpdate, "another update of \(worker) was accepted for round \(round)"))
    }

    /// The refusal of an offer while no round is open.
    package static func refusalWithoutRound(isOfRun: Bool, round: RoundID, committedRounds: Int) -> UpdateRefusal {
        let isNews = isOfRun && round.rawValue > committedRounds
        return .init(isNews ? .unavailable : .wrongRound, "no round is open")
    }

    /// The round for which a refused offer settles its worker; nil where the worker may offer again.
    ///
    /// An update of an earlier round is an honest leftover; anything else settles the worker for the open round.
    package static func settledRound(
        by refusal: UpdateRefusal, isOfRun: Bool, round: RoundID, open: RoundID
    ) -> RoundID? {
        guard refusal.code != .unavailable else { return nil }
        return isOfRun && round < open ? round : open
    }
}
