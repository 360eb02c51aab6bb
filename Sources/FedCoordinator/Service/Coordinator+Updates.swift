// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedTransport
internal import FedWire

extension Coordinator {
    /// What an update was let in to.
    struct Place {
        /// The attempt of a round.
        var attempt: Int
        /// The round that the update will be part of: its own, or a later one.
        var round: RoundID
    }

    /// Receives the update that a session's worker offers, or refuses it; answers in either case.
    nonisolated func receive(_ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession) async {
        var offer = offer
        // Without a worker's consent nothing of it is kept, whatever it sends.
        if !session.sharesStatistics || !config.strategy.propagatesRobustness { offer.statistics = nil }
        await take(offer, transfer, from: session)
    }

    private nonisolated func take(
        _ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession
    ) async {
        guard let place = await admit(offer, from: session) else { return }
        // What is held of it already is there twice for a while.
        guard let share = await updateMemory.take(offer.payload.byteCount + offer.payload.offset) else {
            return await uploadLost(offer, by: session, place)
        }
        defer { updateMemory.giveBack(share) }
        await collect(offer, transfer, from: session, place)
    }

    /// Folds the update into the sum as its bytes arrive, makes it durable, and counts it.
    private nonisolated func collect(
        _ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession, _ place: Place
    ) async {
        let (number, held): (UInt64, [UInt8])
        do throws(UpdateRefusal) {
            (number, held) = try await beginFolding(offer, transfer, by: session.worker, place)
        } catch {
            session.send(receipt(for: offer, .refused(error.code, error.message)))
            await receiveFailed(offer, place)
            return
        }
        do throws(TransferError) {
            try await transfer.forEachChunk(
                limit: uplink(of: offer.scope).maximumEncodedCount(layout: model.layout), after: held
            ) { chunk in
                if await !self.fold(chunk, of: number, offer) { transfer.abandon() }
            }
        } catch {
            switch await interrupt(number, by: error) {
            case .lost: await uploadLost(offer, by: session, place)
            case .refused(let refusal): await refuse(offer, from: session, place, refusal)
            case .handedOver: break
            }
            return
        }
        let update: ClientUpdate
        switch await folded(offer, by: session.worker, number, place) {
        case .success(let whole): update = whole
        case .failure(let refusal): return await refuse(offer, from: session, place, refusal)
        case nil: return
        }
        do {
            try await records.append(update, to: place.round)
        } catch {
            await endFolding(number)
            session.send(receipt(for: offer, .refused(.unavailable, "the coordinator cannot store it: \(error)")))
            await receiveFailed(offer, place)
            return
        }
        session.send(receipt(for: offer, await count(update, number, place, sha256: offer.payload.sha256)))
    }

    /// Makes ready for the bytes of an update; the number it goes by, and what is held of it.
    ///
    /// Throws why that is of no use any more: it had to wait since it was let in.
    private func beginFolding(
        _ offer: UpdateOffer, _ transfer: IncomingTransfer, by worker: WorkerID, _ place: Place
    ) throws(UpdateRefusal) -> (number: UInt64, held: [UInt8]) {
        guard open?.engine.plan.round == place.round else { throw Self.closed(place.round) }
        guard let held = partials.take(offer.payload, of: worker) else { throw Self.notHeld(offer) }
        arrivingCount += 1
        senders[arrivingCount] = worker
        uploads[arrivingCount] = ReceivingUpload(offer, transfer, by: worker, attempt: place.attempt)
        arriving[arrivingCount] = FoldingUpdate(
            codec: open.flatMap { uplink(in: $0, of: offer.scope) } ?? uplink(of: offer.scope), layout: model.layout,
            byteCount: offer.payload.byteCount,
            weight: weights.weight(
                examples: offer.exampleCount, roundsLate: place.round.rawValue - offer.round.rawValue),
            attempt: place.attempt, norm: UpdateNorm(config.limits))
        return (arrivingCount, held)
    }

    private static func notHeld(_ offer: UpdateOffer) -> UpdateRefusal {
        .init(
            .unavailable,
            "the first \(offer.payload.offset) bytes of the update are not held: offer it from its beginning")
    }

    /// Adds what the next bytes of an update stand for; false when further ones are of no use.
    private func fold(_ chunk: [UInt8], of number: UInt64, _ offer: UpdateOffer) -> Bool {
        guard let update = arriving[number], let fresh = uploads[number]?.count(chunk.count) else { return false }
        open?.uplinkBytes += fresh
        if let round = open, !round.isOver, update.attempt == round.attempt {
            if offer.round == round.engine.plan.round {
                round.engine.received(offer.worker, bytes: chunk.count, now: clock.now())
            }
            update.push(chunk, into: &round.aggregation)
        } else {
            update.push(chunk)
        }
        return update.failure == nil
    }

    /// Takes an update that did not arrive whole out of the sum; returns why it is of no use, if it is.
    @discardableResult
    func endFolding(_ number: UInt64) -> UpdateRefusal? {
        senders[number] = nil
        guard let update = arriving.removeValue(forKey: number) else { return nil }
        if let round = open, update.attempt == round.attempt { update.takeBack(from: &round.aggregation) }
        return update.failure
    }

    /// Takes whatever is not counted out of the sum of a round that is over; it goes on to arrive, and may count in the next
    /// attempt of its round.
    func takeBackArriving(from round: OpenRound) {
        for update in arriving.values where update.attempt == round.attempt {
            update.takeBack(from: &round.aggregation)
        }
    }

    /// The whole update once all its bytes were read, or why it cannot be used; nil where its worker has connected again and
    /// goes on there.
    private func folded(
        _ offer: UpdateOffer, by worker: WorkerID, _ number: UInt64, _ place: Place
    ) -> Result<ClientUpdate, UpdateRefusal>? {
        guard uploads.removeValue(forKey: number) != nil, let update = arriving[number] else { return nil }
        update.finish()
        let round = open.flatMap { $0.isOver || $0.engine.plan.round != place.round ? nil : $0 }
        if let round { update.fold(into: &round.aggregation, attempt: round.attempt) }
        if let refusal = update.failure {
            endFolding(number)
            return .failure(refusal)
        }
        guard round != nil else {
            endFolding(number)
            return .failure(Self.closed(place.round))
        }
        return .success(
            ClientUpdate(
                worker: worker, run: offer.run, round: offer.round, baseVersion: offer.baseVersion,
                scope: offer.scope, codec: offer.codec, payload: update.payload, exampleCount: offer.exampleCount,
                metrics: offer.metrics, statistics: offer.statistics))
    }

    /// Lets an offer in, or answers it; returns what it was let in to.
    private func admit(_ offer: UpdateOffer, from session: WorkerSession) async -> Place? {
        guard sessions[session.worker]?.number == session.number, session.admission.refusal() == nil else {
            return nil  // the connection is being closed
        }
        guard isWithinRate(session) else { return nil }
        note(held: offer.run == run ? offer.heldVersion : nil, by: session)
        if session.measuresBudget, let budget = offer.budget, strategy.affords(budget) {
            sessions[session.worker]?.budget = budget
        }
        if session.measuresAdversarialTraining, let isAdversarial = offer.trainsAdversarially {
            sessions[session.worker]?.trainsAdversarially = isAdversarial
        }
        if offer.run == run, offer.worker == session.worker, offer.round.rawValue >= 1,
            offer.round.rawValue <= committedRounds, !isAwaited(offer)
        {
            await answerLeftover(offer, from: session)
            return nil
        }
        guard let round = open, !round.isOver else {
            let refusal = OfferRules.refusalWithoutRound(
                isOfRun: offer.run == run, round: offer.round, committedRounds: committedRounds)
            answer(offer, from: session, refusal)
            return nil
        }
        switch verdict(on: offer, from: session, in: round) {
        case .receive: return Place(attempt: round.attempt, round: round.engine.plan.round)
        case .alreadyAccepted:
            let verdict = OfferRules.verdict(
                onRepetitionOf: offer.round, by: session.worker, sha256: offer.payload.sha256,
                accepted: round.ledger.update(of: session.worker, madeIn: offer.round))
            answer(offer, from: session, verdict)
        case .refuse(let refusal):
            answer(offer, from: session, refusal)
            guard refusal != Self.unknownScales else {
                askAgain(session, in: round)
                break
            }
            let settled = OfferRules.settledRound(
                by: refusal, isOfRun: offer.run == run, round: offer.round, open: round.engine.plan.round)
            if let settled { decide { $0.refused(session.worker, round: settled, refusal, now: $1) } }
        }
        return nil
    }

    /// Counts an offer; a worker that makes too many in one round is disconnected, until a minute has passed.
    private func isWithinRate(_ session: WorkerSession) -> Bool {
        let now = clock.now()
        var made = offers[session.worker] ?? (since: now, count: 0)
        if now - made.since >= 60 { made = (since: now, count: 0) }
        made.count += 1
        offers[session.worker] = made
        let limit = config.limits.offersPerMinute
        guard made.count > limit else { return true }
        let error = PeerError(
            code: .protocolViolation, message: "more than \(limit) updates were offered within a minute of one round")
        Task { await session.close(error) }
        return false
    }

    /// Whether the open round may fold an update of an earlier one.
    private func isAwaited(_ offer: UpdateOffer) -> Bool {
        guard let round = open, !round.isOver else { return false }
        return round.engine.overdue[offer.worker]?.assignment.round == offer.round
    }

    /// Says what became of an update of a round that is over: a worker that was killed after it had sent it, or was not told,
    /// offers it again and must learn whether it is part of the model.
    private func answerLeftover(_ offer: UpdateOffer, from session: WorkerSession) async {
        do {
            let staleness = config.cohort.allowedStaleness
            let accepted = try await records.accepted(session.worker, in: offer.round, staleness: staleness)
            let verdict = OfferRules.verdict(
                onLeftoverOf: offer.round, by: session.worker, sha256: offer.payload.sha256, accepted: accepted,
                overdue: overdue.round(of: session.worker))
            answer(offer, from: session, verdict)
        } catch {
            answer(
                offer, from: session,
                .init(.unavailable, "the coordinator cannot look round \(offer.round) up: \(error)"))
        }
    }

    private func verdict(
        on offer: UpdateOffer, from session: WorkerSession, in round: OpenRound
    ) -> RoundEngine.Verdict {
        guard offer.worker == session.worker else {
            return .refuse(.init(.wrongWorker, "the update names another worker than the certificate"))
        }
        guard offer.run == run else {
            return .refuse(.init(.wrongRun, "run \(offer.run) is not under way; the open run is \(run)"))
        }
        guard parts.has(offer.scope) else {
            return .refuse(.init(.wrongScope, "the update covers \(offer.scope), which this model has not"))
        }
        // An attempt before this one may have let it in; until it is known what became of it nothing else can be said.
        guard !senders.values.contains(offer.worker) else {
            return .refuse(.init(.unavailable, "another update of \(offer.worker) is on its way to the disk"))
        }
        guard offer.round != round.engine.plan.round || !round.ledger.uncounted.contains(offer.worker) else {
            return .refuse(.init(.unavailable, "the update is stored, and not part of this attempt of the round"))
        }
        guard offer.round != round.engine.plan.round || uplink(in: round, of: offer.scope) != nil else {
            return .refuse(Self.unknownScales)
        }
        guard
            offer.round != round.engine.plan.round || round.ledger.accepted[offer.worker] != nil
                || partials.holds(offer.payload, of: offer.worker)
        else { return .refuse(Self.notHeld(offer)) }
        let metrics = offer.metrics
        guard metrics.loss.isFinite, (0...1).contains(metrics.accuracy), metrics.seconds >= 0, metrics.seconds.isFinite
        else {
            return .refuse(
                .init(.badMetrics, "the metrics hold NaN, infinity, an accuracy outside 0 to 1 or negative seconds"))
        }
        if let statistics = offer.statistics, let refusal = robustness?.refusal(of: statistics) {
            return .refuse(refusal)
        }
        let most = uplink(of: offer.scope).maximumEncodedCount(layout: model.layout)
        guard offer.payload.byteCount <= most else {
            return .refuse(
                .init(
                    .transferFailed, "the update announces \(offer.payload.byteCount) bytes, this model takes \(most)"))
        }
        return round.engine.offered(
            by: offer.worker, round: offer.round, baseVersion: offer.baseVersion, scope: offer.scope,
            codec: offer.codec, exampleCount: offer.exampleCount, maximumExamples: config.limits.examplesPerWorker,
            now: clock.now())
    }

    /// Counts a stored update, once, and says what to tell the worker.
    ///
    /// The round may meanwhile have gone into another attempt, which has read the update from the journal or not.
    private func count(
        _ update: ClientUpdate, _ number: UInt64, _ place: Place, sha256: [UInt8]
    ) -> Receipt.Verdict {
        guard let arrived = arriving[number] else { preconditionFailure("an update stays until it is settled") }
        guard let round = open, !round.isOver, round.engine.plan.round == place.round else {
            endFolding(number)
            leaveUncounted(update, place)
            return .refused(.unavailable, "round \(place.round) closed while the update was stored")
        }
        switch round.ledger.fate(of: update.worker, of: update.round, in: round.engine) {
        case .counts: break
        case .isThere:
            endFolding(number)
            let verdict = OfferRules.verdict(
                onRepetitionOf: update.round, by: update.worker, sha256: sha256,
                accepted: round.ledger.update(of: update.worker, madeIn: update.round))
            guard case .refuse(let refusal) = verdict else { return .alreadyAccepted }
            return .refused(refusal.code, refusal.message)
        case .isLeft:
            endFolding(number)
            leaveUncounted(update, place)
            return .refused(.unavailable, "the update is stored, but \(update.worker) has no open assignment")
        }
        arrived.fold(into: &round.aggregation, attempt: round.attempt)
        do throws(CoreError) {
            try round.aggregation.count(weight: arrived.weight, in: update.scope)
        } catch {
            endFolding(number)
            return .refused(.badValues, error.message)
        }
        arriving[number] = nil
        senders[number] = nil
        round.keep(
            AcceptedUpdate(update, weight: arrived.weight, payloadSHA256: PayloadDigest.text(sha256)), of: update.round,
            norm: arrived.norm)
        if update.round != place.round { observe(.folded(update.worker, of: update.round, into: place.round)) }
        decide { $0.stored(update.worker, round: update.round, now: $1) }
        return .accepted
    }

    /// Remembers that an update is on disk and not in the sum: until its round is over nobody can say whether it will be.
    private func leaveUncounted(_ update: ClientUpdate, _ place: Place) {
        guard open?.ledger.round == place.round else { return }
        open?.ledger.leave(update.worker, of: update.round)
    }

    /// An update could not be kept; its worker, if it is connected, is asked again.
    private func receiveFailed(_ offer: UpdateOffer, _ place: Place) {
        guard open?.attempt == place.attempt else { return }
        decide { $0.receiveFailed(offer.worker, round: offer.round, now: $1) }
        guard sessions[offer.worker] != nil else { return }
        decide { $0.connected(offer.worker, now: $1) }
    }

    private func refuse(
        _ offer: UpdateOffer, from session: WorkerSession, _ place: Place, _ refusal: UpdateRefusal
    ) {
        answer(offer, from: session, refusal)
        guard open?.attempt == place.attempt else { return }
        decide { $0.refused(session.worker, round: offer.round, refusal, now: $1) }
    }

    private func answer(_ offer: UpdateOffer, from session: WorkerSession, _ verdict: RoundEngine.Verdict) {
        switch verdict {
        case .alreadyAccepted: session.send(receipt(for: offer, .alreadyAccepted))
        case .refuse(let refusal): answer(offer, from: session, refusal)
        case .receive: preconditionFailure("what is to be received is not answered yet")
        }
    }

    private func answer(_ offer: UpdateOffer, from session: WorkerSession, _ refusal: UpdateRefusal) {
        session.send(receipt(for: offer, .refused(refusal.code, refusal.message)))
        observe(.updateRefused(session.worker, offer.round, reason: refusal.message))
    }

    private nonisolated func receipt(for offer: UpdateOffer, _ verdict: Receipt.Verdict) -> WorkerSession.Command {
        .message(.receipt(Receipt(run: offer.run, round: offer.round, verdict: verdict)))
    }
}
