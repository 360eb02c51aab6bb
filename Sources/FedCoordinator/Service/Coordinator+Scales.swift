// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedTransport
internal import FedWire

/// Scales that the workers of a round share.
extension Coordinator {
    /// How the updates of a round are decoded, by the scales that stand where they are shared; nil as long as none do.
    func uplink(in round: OpenRound, of scope: UpdateScope) -> (any GradientCodec)? {
        guard let exchange = round.exchange else { return uplink(of: scope) }
        return exchange.agreed.flatMap(sharedUplink)
    }

    /// How updates of `scope` are decoded where no scales are shared.
    nonisolated func uplink(of scope: UpdateScope) -> any GradientCodec {
        scope.codec(uplink, parts: parts)
    }

    /// The uplink's codec with shared scales; nil where scales are local.
    func sharedUplink(_ scales: [Float]) -> (any GradientCodec)? {
        (uplink as? TernaryCodec).map { SharedTernaryCodec($0, scales: scales) }
    }

    /// The exchange of a round: none where scales are local; scales that workers were told stand already.
    ///
    /// Those are in the attempt before, which is still `open`, or on disk.
    func exchange(for round: RoundID) async -> ScaleExchange? {
        guard config.uplink.scales == .shared, let ternary = uplink as? TernaryCodec else { return nil }
        let count = ternary.sections(model.layout).coded.count
        var agreed = open.flatMap { $0.engine.plan.round == round ? $0.exchange?.agreed : nil }
        if agreed == nil { agreed = await records.agreedScales(of: round) }
        return ScaleExchange(count: count, agreed: agreed.flatMap { $0.count == count ? $0 : nil })
    }

    /// The codec of a stored update; where no scales stand yet, those of the update do from now on.
    func uplink(of update: ClientUpdate, _ exchange: inout ScaleExchange?) throws -> any GradientCodec {
        guard parts.has(update.scope) else {
            throw StoreError(.corrupt, "a stored update of run \(run) covers \(update.scope), which the model has not")
        }
        guard let current = exchange, let ternary = uplink as? TernaryCodec else { return uplink(of: update.scope) }
        let scales = try current.agreed ?? ternary.scales(in: update.payload, layout: model.layout)
        if current.agreed == nil { exchange = ScaleExchange(count: scales.count, agreed: scales) }
        return SharedTernaryCodec(ternary, scales: scales)
    }

    /// Takes a worker's scales; it gets those that stand, at once or when they do.
    func take(_ report: ScaleReport, from session: WorkerSession) {
        guard report.run == run, sessions[session.worker]?.number == session.number, let round = open, !round.isOver,
            report.round == round.engine.plan.round, round.engine.standings[session.worker] == .training,
            round.exchange != nil
        else { return }
        let isNew: Bool
        do {
            isNew = try round.exchange?.report(report.scales, by: session.worker) == true
        } catch {
            observe(.updateRefused(session.worker, report.round, reason: error.message))
            session.send(.message(.cancel(Cancel(run: run, round: report.round, reason: error.message))))
            decide { $0.refused(session.worker, error, now: $1) }
            return
        }
        if round.scalesAreKept, let scales = round.exchange?.agreed {
            session.send(.message(.sharedScales(FedWire.SharedScales(run: run, round: report.round, scales: scales))))
        } else if isNew {
            settleScales()
        }
    }

    /// Lets the scales of the open round stand if nobody has to be waited for: workers that train, and lost ones that may
    /// come back in a moment. Those beyond the updates that close the round are not, and after half of its time nobody is
    /// who is not needed for its quorum.
    func settleScales() {
        guard let round = open, !round.isOver, round.exchange != nil, !round.scalesAreKept else { return }
        if let scales = round.exchange?.agreed { return keep(scales, in: round) }
        let now = clock.now()
        let latest = round.engine.deadline - round.engine.plan.deadlineSeconds / 2
        var wait = now < latest ? latest : .infinity
        let enough = ScaleExchange.enough(of: round.engine.plan, isLate: now >= latest)
        // This comes after every event of the round. Who stands where takes long to look at with many workers, and is of no
        // use while fewer have reported than are at work.
        if round.exchange?.reportCount ?? 0 >= min(enough, round.engine.workingCount) {
            var awaited: Set<WorkerID> = []
            for (worker, standing) in round.engine.standings {
                switch standing {
                case .training: awaited.insert(worker)
                case .absent(let since) where since + round.engine.reconnectGrace > now:
                    awaited.insert(worker)
                    wait = min(wait, since + round.engine.reconnectGrace)
                default: break
                }
            }
            _ = round.exchange?.settle(awaited: awaited, enough: enough)
        }
        if let scales = round.exchange?.agreed { return keep(scales, in: round) }
        if wait.isFinite, wait < round.scalesWakeAt || round.scalesWakeAt <= now { wakeForScales(round, at: wait) }
    }

    /// Keeps the scales that stand, and then tells them. On disk first: a worker that quantised with them keeps its update
    /// whatever becomes of this process. Where the disk does not take them the run cannot go on now.
    private func keep(_ scales: [Float], in round: OpenRound) {
        guard !round.isKeepingScales else { return }
        round.isKeepingScales = true
        let attempt = round.attempt
        Task {
            do {
                try await records.keepScales(scales, of: round.engine.plan.round)
                if let round = open, round.attempt == attempt, !round.isOver { tellScales(scales, in: round) }
            } catch {
                if open?.attempt == attempt { abandonRound(because: error) }
            }
        }
    }

    /// Tells everybody who trains.
    func tellScales(_ scales: [Float], in round: OpenRound) {
        round.scalesAreKept = true
        let message = FedWire.SharedScales(run: run, round: round.engine.plan.round, scales: scales)
        for (worker, standing) in round.engine.standings where standing == .training {
            sessions[worker]?.send(.message(.sharedScales(message)))
        }
    }

    /// Why an update is refused whose scales nobody knows of: they were lost with a disk.
    static let unknownScales = UpdateRefusal(.undecodable, "the update has scales that no workers have agreed on")

    /// Asks a worker that offered an update of such scales to train again, once in an attempt; the second time it sits the
    /// attempt out. It may be honest: neither is counted against it.
    func askAgain(_ session: WorkerSession, in round: OpenRound) {
        guard round.engine.standings[session.worker] == .training,
            let assignment = round.engine.assignment(of: session.worker)
        else { return }
        guard round.askedAgain.insert(session.worker).inserted else {
            let reason = Self.unknownScales.message
            return decide { $0.declined(session.worker, round: assignment.round, reason: reason, now: $1) }
        }
        send(assignment, to: session, in: round)
    }

    private func wakeForScales(_ round: OpenRound, at instant: Double) {
        let attempt = round.attempt
        round.scalesWakeAt = instant
        round.alarms.append(
            Task {
                try await clock.sleep(max(0, instant - clock.now()) + 0.001)
                guard open?.attempt == attempt else { return }
                settleScales()
            })
    }
}
