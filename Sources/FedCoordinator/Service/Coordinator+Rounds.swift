internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedStrategies
internal import FedTransport
internal import FedWire

extension Coordinator {
    /// Carries out one round, however many attempts it takes, and returns the model that it made.
    ///
    /// `interrupted` is the plan of this round that a restart interrupted.
    func carryOutRound(
        _ round: RoundID, base: ParameterVector, version: ModelVersion, interrupted: RoundPlan?
    ) async throws -> ParameterVector {
        let generator = SeededGenerator(key: config.seed).stream("downlink", UInt64(round.rawValue))
        let payload = OutgoingPayload(try downlink.encode(base, generator: generator))
        var plan: RoundPlan
        if let interrupted {
            plan = interrupted
        } else {
            try await enoughWorkers(for: round)
            plan = try newPlan(round, version: version)
            try await records.begin(plan, attempt: 1)
        }
        var grace = interrupted == nil ? settings.reconnectGrace : settings.restartGrace
        for attempt in 1... {
            let startedAt = clock.now()
            let outcome = try await attemptRound(plan, model: payload, grace: grace, startedAt: startedAt)
            if outcome == .complete { break }
            guard case .short(let accepted, let quorum) = outcome else { continue }
            observe(.roundShort(round, accepted: accepted, quorum: quorum, attempt: attempt))
            guard attempt < settings.attempts else {
                throw CoordinatorError(
                    .quorumNotReached,
                    "round \(round) got \(accepted) of the \(quorum) updates it needs in \(attempt) attempts: see why "
                        + "the workers above are missing or refused, then serve the same run file again to go on")
            }
            try await enoughWorkers(for: round)
            plan = try replanned(plan)
            try await records.begin(plan, attempt: attempt + 1)
            grace = settings.reconnectGrace
        }
        return try await commit(round, plan: plan, base: base)
    }

    private func newPlan(_ round: RoundID, version: ModelVersion) throws -> RoundPlan {
        try strategy.plan(
            PlanContext(
                run: run, round: round, baseVersion: version, workers: Array(sessions.keys), training: config.training,
                codec: config.uplink.codec, quorumShare: config.cohort.quorum,
                deadlineSeconds: config.cohort.deadlineSeconds, seed: config.seed))
    }

    /// The same round for those chosen workers that are connected or whose updates are stored, or a new choice if
    /// none is left.
    private func replanned(_ plan: RoundPlan) throws -> RoundPlan {
        let remaining = plan.assignments.filter {
            open?.accepted[$0.worker] != nil || sessions[$0.worker] != nil
        }
        guard !remaining.isEmpty else { return try newPlan(plan.round, version: plan.baseVersion) }
        var plan = plan
        plan.assignments = remaining
        plan.quorum = Strategy.quorum(share: config.cohort.quorum, of: remaining.count)
        return plan
    }

    /// One attempt: dispatches, waits until the engine closes the round, and leaves the sum in `open`.
    private func attemptRound(
        _ plan: RoundPlan, model payload: OutgoingPayload, grace: Double, startedAt: Double
    ) async throws -> RoundEngine.Outcome {
        var aggregation = try strategy.aggregator.begin(
            count: model.layout.count, weightBound: Int64(config.limits.examplesPerWorker * plan.assignments.count))
        let chosen = Set(plan.assignments.map(\.worker))
        var stored: [WorkerID: AcceptedUpdate] = [:]
        let cursor = try await records.storedUpdates()
        while let update = try await cursor?.next() {
            guard chosen.contains(update.worker), stored[update.worker] == nil else { continue }
            let change = try uplink.decode(update.payload, layout: model.layout)
            try aggregation.add(change.values, weight: Int64(update.exampleCount))
            stored[update.worker] = AcceptedUpdate(update)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                open = OpenRound(
                    engine: RoundEngine(
                        plan: plan, stored: Set(stored.keys), reconnectGrace: grace, now: clock.now()),
                    aggregation: aggregation, stored: stored, model: payload, startedAt: startedAt,
                    finished: continuation)
                observe(.roundStarted(plan.round, participants: plan.assignments.count))
                let connected = Set(sessions.keys)
                decide { $0.start(connected: connected, now: $1) }
                if Task.isCancelled { abandonRound() }
            }
        } onCancel: {
            Task { await self.abandonRound() }
        }
    }

    /// Ends the wait for the open round because the coordinator shuts down; what is stored stays stored.
    private func abandonRound() {
        guard let round = open, !round.isOver else { return }
        round.isOver = true
        round.finished.resume(throwing: CancellationError())
    }

    /// Lets the engine of the open round decide at this instant, and does what it says.
    func decide(_ event: (inout RoundEngine, _ now: Double) -> [RoundEngine.Action]) {
        guard let round = open, !round.isOver else { return }
        for action in event(&round.engine, clock.now()) { perform(action, in: round) }
        reportProgress()
    }

    private func perform(_ action: RoundEngine.Action, in round: OpenRound) {
        let plan = round.engine.plan
        switch action {
        case .dispatch(let worker):
            guard let session = sessions[worker],
                let assignment = plan.assignments.first(where: { $0.worker == worker })
            else { return }
            session.send(.assignment(assignment, model: round.model, modelCodec: downlink.id))
            round.downlinkBytes += round.model.byteCount
            round.modelsSent += 1
        case .fold(let worker):
            fold(worker, in: round)
        case .acknowledge(let worker):
            reply(to: worker, plan.round, .accepted)
        case .cancel(let worker):
            sessions[worker]?.send(
                .message(.cancel(Cancel(run: run, round: plan.round, reason: "the round is closed"))))
        case .wake(let instant):
            wake(at: instant)
        case .close(let outcome):
            round.isOver = true
            reportMissing(in: round)
            round.finished.resume(returning: outcome)
        }
    }

    private func wake(at instant: Double) {
        let round = open?.engine.plan.round
        Task {
            try await clock.sleep(max(0, instant - clock.now()))
            guard open?.engine.plan.round == round else { return }
            decide { $0.timePassed(now: $1) }
        }
    }

    private func reportMissing(in round: OpenRound) {
        for assignment in round.engine.plan.assignments {
            let reason: String
            switch round.engine.standings[assignment.worker] {
            case .absent: reason = "it is not connected"
            case .training, .storing: reason = "no update before the round closed"
            default: continue
            }
            observe(.missing(assignment.worker, round.engine.plan.round, reason: reason))
        }
    }

    func reportProgress() {
        guard let round = open, !round.isOver else { return }
        let participants = round.engine.plan.assignments.count
        let done = round.engine.plan.assignments.reduce(0.0) { sum, assignment in
            sum + (round.accepted[assignment.worker] != nil ? 1 : round.progress[assignment.worker] ?? 0)
        }
        observe(
            .progress(
                RoundProgress(
                    round: round.engine.plan.round, accepted: round.accepted.count, participants: participants,
                    fraction: done / Double(participants))))
    }
}
