// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What happens in a run, for people and programs that watch; nothing that watches can reach into a round.
public enum CoordinatorEvent: Sendable {
    /// The run starts, or goes on after `resumedAfter` committed rounds.
    case runStarted(RunID, rounds: Int, parameters: Int, resumedAfter: Int)
    /// The sums of so many updates keep few bits behind the binary point, and smaller values count as 0; more are left
    /// where `limits.examplesPerWorker` is no larger than the given one. Said once.
    case coarseSums(fractionBits: Int, updates: Int, examplesPerWorker: Int)
    /// A worker's connection is up.
    case workerJoined(WorkerID, connected: Int)
    /// A worker agrees that statistics of its batch normalisation are shared with other workers.
    case sharesStatistics(WorkerID)
    /// A worker trains adversarially and keeps its statistics to itself, so that nobody profits.
    case keepsAdversarialStatistics(WorkerID)
    /// A worker that did so no longer agrees: what it had shared is forgotten.
    case withdrewStatistics(WorkerID)
    /// It cannot be written down who has withdrawn, for this reason; that is tried again.
    case withdrawalNotKept(String)
    /// A worker's connection is gone.
    case workerLost(WorkerID, reason: String)
    /// A newcomer was given its certificate.
    case enrolled(WorkerID)
    /// Somebody was turned away before a session began.
    case turnedAway(address: String, reason: String)
    /// Connections cannot be accepted for a while, and wait.
    case doorBlocked(reason: String)
    /// The next round cannot start with the workers that are connected.
    case waiting(connected: Int, needed: Int)
    /// Assignments go out.
    case roundStarted(RoundID, participants: Int)
    /// Something moved in the open round.
    case progress(RoundProgress)
    /// A worker's update is not used.
    case updateRefused(WorkerID, RoundID, reason: String)
    /// A worker's update of an earlier round goes into the model of a later one.
    case folded(WorkerID, of: RoundID, into: RoundID)
    /// A worker takes no part until somebody releases it.
    case quarantined(WorkerID, reason: String)
    /// A worker may take part again.
    case released(WorkerID)
    /// A worker does not take part in a round.
    case declined(WorkerID, RoundID, reason: String)
    /// A worker that could not use the steps of its assignment is sent the whole model.
    case repaired(WorkerID, RoundID, reason: String)
    /// A round closed without the update of a worker that was given an assignment.
    case missing(WorkerID, RoundID, reason: String)
    /// Nobody who takes part in a round trains adversarially: statistics that were shared up to a round stay those that are
    /// propagated; nil where there are none.
    case withoutAdversarialWorkers(RoundID, since: RoundID?)
    /// A round closed with too few updates and is planned anew.
    case roundShort(RoundID, accepted: Int, quorum: Int, attempt: Int)
    /// A round made a model, and it is on disk.
    case roundCommitted(RunReport.Round, of: Int, denseUplinkBytes: Int)
    /// All rounds are done.
    case runFinished(RunReport)
    /// The run cannot go on.
    case runFailed(String)
    /// Somebody has stopped the run after so many committed rounds.
    case runStopped(RunID, after: RoundID)
    /// The disk takes nothing more, and what waits for it is tried again and again; the sentence says what could not be
    /// written.
    case diskFull(String)
    /// There is room again, and the run goes on.
    case diskHasRoom
}

/// Where an open round stands.
public struct RoundProgress: Equatable, Sendable {
    /// The round.
    public var round: RoundID
    /// How many updates are stored.
    public var accepted: Int
    /// How many workers were chosen.
    public var participants: Int
    /// Share of the chosen workers' work that is done, in [0, 1].
    public var fraction: Double
    /// Where the run stood a moment ago; nil where nobody is waited for.
    public var status: RunStatus?

    /// How far a round is.
    package init(round: RoundID, accepted: Int, participants: Int, fraction: Double, status: RunStatus? = nil) {
        self.round = round
        self.accepted = accepted
        self.participants = participants
        self.fraction = fraction
        self.status = status
    }
}
