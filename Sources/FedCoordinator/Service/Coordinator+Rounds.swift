// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedStrategies
internal import FedTransport
internal import FedWire

extension Coordinator {
    /// Carries out one round, however many attempts it takes, which makes `model`, of `version`, the next one.
    ///
    /// `interrupted` is the plan of this round that a restart interrupted. After an error `model` is not to be used any more.
    func carryOutRound(
        _ round: RoundID, from model: inout ServerModel, of version: ModelVersion, interrupted: RoundPlan?
    ) async throws {
        offers = [:]
        let downloads = try await downloads(for: round, base: model, version: version)
        var plan: RoundPlan
        if let interrupted {
            plan = interrupted
            try checkSums(of: plan)
        } else {
            let workers = try await enoughWorkers(for: round)
            plan = try planner.plan(
                round, version: version, workers: workers, history: history,
                budgets: sessions.compactMapValues(\.budget), drawn: drawn, adversarial: adversarialWorkers,
                knowsStatistics: knowsStatistics)
            plan.awaited = overdue.assignments.isEmpty ? nil : overdue.assignments.count
            try checkSums(of: plan)
            try await records.begin(plan)
        }
        noteAdversarialWorkers(of: plan)
        var grace = interrupted == nil ? settings.reconnectGrace : settings.restartGrace
        var attempt = 0
        while true {
            let shortages = await records.shortages
            let startedAt = clock.now()
            let closed = try await attemptRound(
                plan, downloads, number: attempt, grace: grace, startedAt: startedAt)
            let outcome = try await withoutOutliers(closed)
            if let open { quarantineTheRefused(in: open) }
            guard case .short(let accepted, let quorum) = outcome else { break }
            // A disk that was full is nobody's failure: the round waits for room, however long that takes.
            attempt += await records.shortages == shortages ? 1 : 0
            observe(.roundShort(round, accepted: accepted, quorum: quorum, attempt: max(1, attempt)))
            guard attempt < settings.attempts else {
                throw CoordinatorError(
                    .quorumNotReached,
                    "round \(round) got \(accepted) of the \(quorum) updates it needs in \(attempt) attempts: see why "
                        + "the workers above are missing or refused, then serve the same run file again to go on")
            }
            let available = try await enoughWorkers(for: round)
            let stored = open.map { $0.ledger.uncounted.union($0.ledger.accepted.keys) } ?? []
            plan = try planner.replanned(
                plan, stored: stored, available: available, budgets: sessions.compactMapValues(\.budget), drawn: drawn,
                adversarial: adversarialWorkers, knowsStatistics: knowsStatistics)
            try checkSums(of: plan)
            try await records.retry(plan)
            grace = settings.reconnectGrace
        }
        try await commit(round, plan: plan, to: &model)
    }

    /// No more updates go into the sum of a round, those of earlier rounds included.
    private func mostUpdates(of plan: RoundPlan) -> Int {
        plan.assignments.count + max(plan.awaited ?? 0, overdue.assignments.count)
    }

    /// Throws where a round has more updates than sums have room for; says once where that leaves few bits.
    private func checkSums(of plan: RoundPlan) throws(CoordinatorError) {
        guard let event = try config.coarseSums(of: mostUpdates(of: plan)), !hasToldOfCoarseSums else { return }
        hasToldOfCoarseSums = true
        observe(event)
    }

    /// The connected workers that are not at an earlier round still; if all are, they are told to leave that.
    func availableWorkers() -> [WorkerID] {
        let available = overdue.available(among: Array(sessions.keys))
        for assignment in available.left { stop(assignment, because: "nobody else is left for the next round") }
        return available.workers
    }

    /// Tells a worker to leave an assignment of an earlier round.
    func stop(_ assignment: WorkerAssignment, because reason: String) {
        sessions[assignment.worker]?.send(
            .message(.cancel(Cancel(run: run, round: assignment.round, reason: reason))))
    }

    /// One attempt: dispatches, waits until the engine closes the round, and leaves the sum in `open`.
    private func attemptRound(
        _ plan: RoundPlan, _ downloads: RoundDownloads, number: Int, grace: Double, startedAt: Double
    ) async throws -> RoundEngine.Outcome {
        var aggregation = try strategy.aggregator.begin(
            count: model.layout.count,
            weightBound: weights.bound(
                updates: mostUpdates(of: plan), examplesPerWorker: config.limits.examplesPerWorker))
        let nothing = try strategy.aggregator.begin(count: 0, weightBound: 1)
        var ledger = RoundLedger(of: plan)
        var norms: [WorkerID: Double] = [:]
        var exchange = await exchange(for: plan.round)
        // What is stored while the journal is read is read, too, or its worker would be asked for it again.
        repeat {
            let cursor = try await records.storedUpdates()
            while let update = try await cursor?.next() {
                guard ledger.admits(update.worker, of: update.round) else { continue }
                let weight = weights.weight(
                    examples: update.exampleCount, roundsLate: plan.round.rawValue - update.round.rawValue)
                var decoder = UpdateDecoder(try uplink(of: update, &exchange), layout: model.layout)
                var norm = UpdateNorm(config.limits)
                try decoder.push(update.payload) { (piece) throws(CodecError) in
                    try FoldingUpdate.add(piece, weight: weight, to: &aggregation)
                    norm?.add(piece)
                }
                try decoder.finish()
                try aggregation.count(weight: weight, in: update.scope)
                let isOwn = update.round == plan.round
                let kept =
                    (isOwn ? open?.ledger.accepted[update.worker] : nil)
                    ?? AcceptedUpdate(update, weight: weight, payloadSHA256: PayloadDigest.sha256(of: update.payload))
                ledger.keep(kept, of: update.round)
                if isOwn { norms[update.worker] = norm?.value }
            }
        } while open.map { !ledger.covers($0.ledger) } ?? false
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                attempts += 1
                let earlier = open.flatMap { $0.engine.plan.round == plan.round ? $0 : nil }
                open = OpenRound(
                    attempt: attempts, number: number, after: earlier,
                    engine: RoundEngine(
                        plan: plan, stored: Set(ledger.accepted.keys),
                        dispatchedAt: earlier?.engine.paces.compactMapValues(\.dispatchedAt) ?? [:],
                        reconnectGrace: grace, heartbeatSeconds: settings.heartbeatSeconds, late: config.cohort.late,
                        overdue: overdue.assignments, folded: Set(ledger.folded.keys), now: clock.now()),
                    aggregation: aggregation, ledger: ledger, norms: norms, downloads: downloads, exchange: exchange,
                    startedAt: startedAt, finished: continuation)
                // A second reference would make the round copy the sum, which is twice as large as the model.
                aggregation = nothing
                observe(.roundStarted(plan.round, participants: plan.assignments.count))
                let connected = Set(sessions.keys)
                decide { $0.start(connected: connected, now: $1) }
                if Task.isCancelled { abandonRound() }
            }
        } onCancel: {
            Task { await self.abandonRound() }
        }
    }

    /// Ends the wait for the open round because the coordinator shuts down or cannot go on; what is stored stays stored.
    func abandonRound(because error: any Error = CancellationError()) {
        guard let round = open, !round.isOver else { return }
        finish(round)
        round.finished.resume(throwing: error)
    }

    /// Lets the engine of the open round decide at this instant, and does what it says.
    func decide(_ event: (inout RoundEngine, _ now: Double) -> [RoundEngine.Action]) {
        guard let round = open, !round.isOver else { return }
        for action in event(&round.engine, clock.now()) { perform(action, in: round) }
        settleScales()
        keepStatus()
        reportProgress()
    }

    private func perform(_ action: RoundEngine.Action, in round: OpenRound) {
        let plan = round.engine.plan
        switch action {
        case .dispatch(let worker):
            guard let session = sessions[worker], let assignment = round.engine.assignment(of: worker) else { return }
            send(assignment, to: session, in: round)
        case .cancel(let worker):
            sessions[worker]?.send(
                .message(.cancel(Cancel(run: run, round: plan.round, reason: "the round is closed"))))
        case .wake(let instant):
            wake(round, at: instant)
        case .close(let outcome):
            finish(round)
            keepStatus(atOnce: true)
            reportMissing(in: round)
            round.finished.resume(returning: outcome)
        }
    }

    private func finish(_ round: OpenRound) {
        round.isOver = true
        // What is not counted by now is not part of the model.
        takeBackArriving(from: round)
        for alarm in round.alarms { alarm.cancel() }
    }

    private func wake(_ round: OpenRound, at instant: Double) {
        let attempt = round.attempt
        round.alarms.append(
            Task {
                try await clock.sleep(max(0, instant - clock.now()))
                guard open?.attempt == attempt else { return }
                decide { $0.timePassed(now: max($1, instant)) }
            })
    }

    private func reportMissing(in round: OpenRound) {
        for assignment in round.engine.plan.assignments {
            let reason: String
            switch round.engine.standings[assignment.worker] {
            case .absent: reason = "it is not connected"
            case .training, .storing:
                affordsLess(assignment.worker)
                let seconds = round.engine.secondsAtWork(assignment.worker).map(RunStatus.seconds)
                reason = "no update before the round closed" + (seconds.map { ", after \($0) at it" } ?? "")
            default: continue
            }
            observe(.missing(assignment.worker, round.engine.plan.round, reason: reason))
        }
    }

    /// A worker that measures what it can afford, and was not done in time, begins anew with the least.
    private func affordsLess(_ worker: WorkerID) {
        if sessions[worker]?.measuresAdversarialTraining == true { sessions[worker]?.trainsAdversarially = false }
        if sessions[worker]?.measuresBudget == true, let narrowest = strategy.narrowest {
            sessions[worker]?.budget = narrowest
        }
    }

    func reportProgress() {
        guard let round = open, !round.isOver, clock.now() - round.progressToldAt >= 0.1 else { return }
        round.progressToldAt = clock.now()
        let participants = round.engine.plan.assignments.count
        let done = round.engine.plan.assignments.reduce(0.0) { sum, assignment in
            sum
                + (round.ledger.accepted[assignment.worker] != nil
                    ? 1 : round.engine.paces[assignment.worker]?.share ?? 0)
        }
        observe(
            .progress(
                RoundProgress(
                    round: round.engine.plan.round, accepted: round.ledger.accepted.count, participants: participants,
                    fraction: done / Double(participants), status: lastStatus)))
    }
}
