// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedStore
internal import FedStrategies

/// All that the coordinator holds of the round that is under way.
///
/// A reference, so that the sum, which is as large as the model, is never copied.
final class OpenRound {
    /// Tells this attempt of a round from all others of the run.
    let attempt: Int
    /// Which attempt at its round it is since the coordinator started, counted from 1.
    let attemptOfRound: Int
    /// What decides.
    var engine: RoundEngine
    /// What adds up; holds what has arrived of further updates, too.
    var aggregation: any Aggregation
    /// What workers download.
    let downloads: RoundDownloads
    /// The agreement on shared scales, where there are any.
    var exchange: ScaleExchange?
    /// Whether the scales that stand are on disk, too.
    var scalesAreKept: Bool
    /// Whether they are on their way there.
    var isKeepingScales = false
    /// When the exchange is looked at again.
    var scalesWakeAt = -Double.infinity
    /// The workers that steps were of no use to.
    var repaired: Set<WorkerID> = []
    /// The workers that are to train again since nobody knows the scales of their updates.
    var askedAgain: Set<WorkerID> = []
    /// The workers that were asked to compare their copies of the model in this round.
    var compared: Set<WorkerID>
    /// How many copies were repaired in this round.
    var repairs: Int
    /// Which updates have been added.
    var ledger: RoundLedger
    /// The Euclidean norms of the stored updates, where the limits ask for them.
    var norms: [WorkerID: Double]
    /// The workers whose stored updates were left out when the round closed, and why.
    var leftOut: [WorkerID: UpdateRefusal] = [:]
    /// Payload bytes of updates that have arrived, those included that came again or were refused.
    var uplinkBytes: Int
    /// Payload bytes of the models and steps that were handed to the network.
    let downlinkBytes: ByteCounter
    /// How many models were sent, whole or as steps; one that goes on where it broke off is not sent again.
    var modelsSent: Int
    /// Whether `finished` was resumed: what comes now comes too late.
    var isOver = false
    /// When the first assignment went out.
    let startedAt: Double
    /// Resumed with the outcome, once.
    let finished: CheckedContinuation<RoundEngine.Outcome, any Error>

    /// What wakes the engine.
    var alarms: [Task<Void, any Error>] = []
    /// When progress was last told.
    var progressToldAt = -Double.infinity

    /// A round that has not begun; `aggregation` holds the updates of `ledger`, and what `earlier`, the attempt before, has sent
    /// goes on to count.
    init(
        attempt: Int, number: Int, after earlier: OpenRound?, engine: consuming RoundEngine,
        aggregation: any Aggregation, ledger: RoundLedger, norms: [WorkerID: Double], downloads: RoundDownloads,
        exchange: ScaleExchange?, startedAt: Double, finished: CheckedContinuation<RoundEngine.Outcome, any Error>
    ) {
        self.attempt = attempt
        attemptOfRound = number
        uplinkBytes = earlier?.uplinkBytes ?? ledger.accepted.values.reduce(0) { $0 + $1.payloadBytes }
        downlinkBytes = earlier?.downlinkBytes ?? ByteCounter()
        modelsSent = earlier?.modelsSent ?? 0
        compared = earlier?.compared ?? []
        repairs = earlier?.repairs ?? 0
        self.engine = engine
        self.aggregation = aggregation
        self.ledger = ledger
        self.norms = norms
        self.downloads = downloads
        self.exchange = exchange
        // Those that stand come from the attempt before, which may not have kept them yet, or from the disk.
        scalesAreKept = exchange?.agreed != nil && (earlier?.exchange?.agreed == nil || earlier?.scalesAreKept == true)
        self.startedAt = earlier?.startedAt ?? startedAt
        self.finished = finished
    }

    /// Notes that an update of `round` is part of the sum.
    func keep(_ update: AcceptedUpdate, of round: RoundID, norm: Double?) {
        ledger.keep(update, of: round)
        if round == ledger.round { norms[update.worker] = norm }
    }
}
