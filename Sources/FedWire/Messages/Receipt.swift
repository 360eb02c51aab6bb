// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The answer to an `UpdateOffer`.
public struct Receipt: Hashable, Sendable {
    /// What became of the update.
    public enum Verdict: Hashable, Sendable {
        /// It is durable at the coordinator.
        case accepted
        /// The same update was accepted before.
        case alreadyAccepted
        /// It is not used, for this reason, with a sentence for a person.
        case refused(RefusalCode, String)
    }

    /// The run of the update.
    public var run: RunID
    /// The round of the update, as the worker stated it.
    public var round: RoundID
    /// What became of it.
    public var verdict: Verdict

    /// An answer.
    public init(run: RunID, round: RoundID, verdict: Verdict) {
        self.run = run
        self.round = round
        self.verdict = verdict
    }
}
