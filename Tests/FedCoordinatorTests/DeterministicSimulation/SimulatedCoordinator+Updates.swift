// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import FedWire

/// As `Coordinator+Updates` and `Coordinator+Uploads` have it.
extension SimulatedCoordinator {
    /// Lets an offer in, or answers it.
    func admit(_ offer: UpdateOffer, upload: Int, from link: SimulatedLink) {
        let worker = link.worker
        guard sessions[worker] === link else { return }
        let isAwaited = open.map { !$0.isOver && $0.engine.overdue[worker]?.assignment.round == offer.round } ?? false
        guard offer.round.rawValue > committedRounds || isAwaited else { return answerLeftover(offer, from: link) }
        guard let round = open, !round.isOver else {
            let refusal = OfferRules.refusalWithoutRound(
                isOfRun: true, round: offer.round, committedRounds: committedRounds)
            return answer(offer, from: link, .refuse(refusal))
        }
        switch verdict(on: offer, in: round) {
        case .receive: beginFolding(offer, upload: upload, on: link, in: round)
        case .alreadyAccepted:
            guard world.bug != .countsRepetitions else {
                return beginFolding(offer, upload: upload, on: link, in: round)
            }
            answer(offer, from: link, verdictOnRepetition(of: offer, in: round))
        case .refuse(let refusal):
            answer(offer, from: link, .refuse(refusal))
            let settled = OfferRules.settledRound(
                by: refusal, isOfRun: true, round: offer.round, open: round.ledger.round)
            if let settled { decide { $0.refused(worker, round: settled, refusal, now: $1) } }
        }
    }

    private func answerLeftover(_ offer: UpdateOffer, from link: SimulatedLink) {
        later(world.uniform(0, 0.01)) { [unowned self] in
            var accepted: AcceptedUpdate?
            for (_, record) in world.store.rounds.dropFirst(offer.round.rawValue - 1)
                .prefix(1 + config.cohort.allowedStaleness)
            {
                accepted = accepted ?? record.update(of: link.worker, madeIn: offer.round)
            }
            if world.bug == .callsLeftoversLate { accepted = nil }
            answer(
                offer, from: link,
                OfferRules.verdict(
                    onLeftoverOf: offer.round, by: link.worker, sha256: offer.payload.sha256, accepted: accepted,
                    overdue: overdue.round(of: link.worker)))
        }
    }

    private func verdict(on offer: UpdateOffer, in round: SimulatedRound) -> RoundEngine.Verdict {
        let isOnItsWay = arriving.values.contains { $0.offer.worker == offer.worker }
        guard !isOnItsWay || world.bug == .answersBeforeTheDisk else {
            return .refuse(.init(.unavailable, "another update of \(offer.worker) is on its way to the disk"))
        }
        let isOwn = offer.round == round.ledger.round
        guard !isOwn || !round.ledger.uncounted.contains(offer.worker) else {
            return .refuse(.init(.unavailable, "the update is stored, and not part of this attempt of the round"))
        }
        guard !isOwn || round.ledger.accepted[offer.worker] != nil || partials.holds(offer.payload, of: offer.worker)
        else { return .refuse(.init(.unavailable, "the bytes before the offset are not held")) }
        return round.engine.offered(
            by: offer.worker, round: offer.round, baseVersion: offer.baseVersion, scope: offer.scope,
            codec: offer.codec, exampleCount: offer.exampleCount, maximumExamples: config.limits.examplesPerWorker,
            now: now)
    }

    private func verdictOnRepetition(of offer: UpdateOffer, in round: SimulatedRound) -> RoundEngine.Verdict {
        OfferRules.verdict(
            onRepetitionOf: offer.round, by: offer.worker, sha256: offer.payload.sha256,
            accepted: round.ledger.update(of: offer.worker, madeIn: offer.round))
    }

    // MARK: Bytes

    private func beginFolding(
        _ offer: UpdateOffer, upload: Int, on link: SimulatedLink, in round: SimulatedRound
    ) {
        let (attempt, place) = (round.attempt, round.ledger.round)
        guard let held = partials.take(offer.payload, of: offer.worker) else {
            answer(offer, from: link, .refuse(.init(.unavailable, "the bytes before the offset are not held")))
            return receiveFailed(offer, attempt: attempt)
        }
        let folding = FoldingUpdate(
            codec: SimulatedWorker.codec, layout: SimulatedWorker.layout, byteCount: offer.payload.byteCount,
            weight: weight(examples: offer.exampleCount, of: offer.round, in: place), attempt: attempt)
        arriving[upload] = SimulatedUpload(offer, on: link, attempt: attempt, round: place, folding: folding)
        if !held.isEmpty { fold(held, of: upload) }
    }

    /// Adds what the next bytes of an update stand for; the last ones make it whole.
    func fold(_ bytes: [UInt8], of number: Int) {
        guard let upload = arriving[number], upload.isReceiving else { return }
        let folding = upload.folding
        if let round = open, !round.isOver, folding.attempt == round.attempt {
            if upload.offer.round == round.ledger.round {
                round.engine.received(upload.offer.worker, bytes: bytes.count, now: now)
            }
            folding.push(bytes, into: &round.aggregation)
        } else {
            folding.push(bytes)
        }
        guard folding.failure == nil else { return breakOff(number) }
        if folding.payload.count >= upload.offer.payload.byteCount { whole(number, upload) }
    }

    private func whole(_ number: Int, _ upload: SimulatedUpload) {
        upload.isReceiving = false
        let (offer, folding) = (upload.offer, upload.folding)
        guard world.laws.sha256(of: folding.payload).bytes == offer.payload.sha256 else {
            endFolding(number)
            return refuse(upload, .init(.transferFailed, "the bytes have another digest"))
        }
        folding.finish()
        let round = open.flatMap { $0.isOver || $0.ledger.round != upload.round ? nil : $0 }
        if let round { folding.fold(into: &round.aggregation, attempt: round.attempt) }
        if let refusal = endFoldingIfUseless(number) { return refuse(upload, refusal) }
        guard round != nil else {
            endFolding(number)
            return refuse(upload, .init(.unavailable, "the round closed while the update was received"))
        }
        store(number, upload)
    }

    private func store(_ number: Int, _ upload: SimulatedUpload) {
        let offer = upload.offer
        let update = ClientUpdate(
            worker: offer.worker, run: offer.run, round: offer.round, baseVersion: offer.baseVersion,
            scope: offer.scope, codec: offer.codec, payload: upload.folding.payload, exampleCount: offer.exampleCount,
            metrics: offer.metrics)
        if world.bug == .acknowledgesBeforeStoring { acknowledge(upload, .accepted) }
        upload.link.storing += 1
        var isStored = false
        disk("update of \(update.worker) for round \(update.round), in journal \(upload.round)") { [unowned self] in
            guard journalRound == upload.round else { return }
            world.store.append(update, to: upload.round)
            isStored = true
        } then: { [unowned self] in
            if isStored {
                acknowledge(upload, count(update, number, upload))
            } else {
                endFolding(number)
                acknowledge(upload, .refused(.unavailable, "the coordinator cannot store it: its round is closed"))
                receiveFailed(offer, attempt: upload.attempt)
            }
            upload.link.storing -= 1
            if upload.link.storing == 0, !upload.link.isOpenAtCoordinator { sessionEnded(upload.link) }
        }
    }

    /// Counts a stored update, once, and says what to tell the worker.
    private func count(_ update: ClientUpdate, _ number: Int, _ upload: SimulatedUpload) -> Receipt.Verdict {
        guard let round = open, !round.isOver, round.ledger.round == upload.round else {
            endFolding(number)
            if let open, open.ledger.round == upload.round { leave(update, in: open) }
            return .refused(.unavailable, "the round closed while the update was stored")
        }
        switch round.ledger.fate(of: update.worker, of: update.round, in: round.engine) {
        case .counts: break
        case .isThere:
            if world.bug == .countsRepetitions {
                try? round.aggregation.count(weight: upload.folding.weight, in: update.scope)
                arriving[number] = nil
                return .accepted
            }
            endFolding(number)
            guard case .refuse(let refusal) = verdictOnRepetition(of: upload.offer, in: round) else {
                return .alreadyAccepted
            }
            return .refused(refusal.code, refusal.message)
        case .isLeft:
            endFolding(number)
            leave(update, in: round)
            return .refused(.unavailable, "the update is stored, but its worker has no open assignment")
        }
        let weight = upload.folding.weight
        upload.folding.fold(into: &round.aggregation, attempt: round.attempt)
        do throws(CoreError) {
            try round.aggregation.count(weight: weight, in: update.scope)
        } catch {
            endFolding(number)
            return .refused(.badValues, error.message)
        }
        arriving[number] = nil
        world.laws.counts(update, in: upload.round)
        round.ledger.keep(
            AcceptedUpdate(update, weight: weight, sha256: world.laws.sha256(of: update.payload).text),
            of: update.round)
        world.note { "\(update.worker) counts in round \(upload.round) with its update of round \(update.round)" }
        decide { $0.stored(update.worker, round: update.round, now: $1) }
        return .accepted
    }

    private func leave(_ update: ClientUpdate, in round: SimulatedRound) {
        world.laws.leaves(update.worker, update.round, in: round.ledger.round, by: life)
        round.ledger.leave(update.worker, of: update.round)
    }

    // MARK: What breaks off

    /// Takes an update that did not arrive whole out of the sum; what has arrived is kept if the rest may still come.
    func breakOff(_ number: Int) {
        guard let upload = arriving[number] else { return }
        upload.isReceiving = false
        if upload.folding.failure == nil, open?.ledger.round == upload.offer.round {
            partials.keep(upload.folding.payload, sha256: upload.offer.payload.sha256, of: upload.offer.worker)
        }
        if let refusal = endFoldingIfUseless(number) { return refuse(upload, refusal) }
        endFolding(number)
        guard open?.attempt == upload.attempt else { return }
        decide { $0.receiveFailed(upload.offer.worker, round: upload.offer.round, now: $1) }
        guard let current = sessions[upload.offer.worker], current !== upload.link else { return }
        decide { $0.connected(upload.offer.worker, now: $1) }
    }

    /// Stops what a worker that has connected again still sends over its connection before; returns what is held of it.
    func handOverUpload(of worker: WorkerID) -> PartialTransfer? {
        for (number, upload) in arriving.sorted(by: { $0.key < $1.key })
        where upload.offer.worker == worker && upload.isReceiving && upload.folding.failure == nil {
            breakOff(number)
        }
        return partials.partial(of: worker)
    }

    private func endFolding(_ number: Int) {
        guard let upload = arriving.removeValue(forKey: number) else { return }
        if let round = open, upload.folding.attempt == round.attempt { takeBack(upload, from: round) }
    }

    private func endFoldingIfUseless(_ number: Int) -> UpdateRefusal? {
        guard let refusal = arriving[number]?.folding.failure else { return nil }
        endFolding(number)
        return refusal
    }

    private func receiveFailed(_ offer: UpdateOffer, attempt: Int) {
        guard open?.attempt == attempt else { return }
        decide { $0.receiveFailed(offer.worker, round: offer.round, now: $1) }
        guard sessions[offer.worker] != nil else { return }
        decide { $0.connected(offer.worker, now: $1) }
    }

    // MARK: Answers

    private func refuse(_ upload: SimulatedUpload, _ refusal: UpdateRefusal) {
        answer(upload.offer, from: upload.link, .refuse(refusal))
        guard open?.attempt == upload.attempt else { return }
        decide { $0.refused(upload.offer.worker, round: upload.offer.round, refusal, now: $1) }
    }

    private func answer(_ offer: UpdateOffer, from link: SimulatedLink, _ verdict: RoundEngine.Verdict) {
        switch verdict {
        case .alreadyAccepted: send(.alreadyAccepted, for: offer, on: link)
        case .refuse(let refusal): send(.refused(refusal.code, refusal.message), for: offer, on: link)
        case .receive: preconditionFailure("what is to be received is not answered yet")
        }
    }

    private func acknowledge(_ upload: SimulatedUpload, _ verdict: Receipt.Verdict) {
        send(verdict, for: upload.offer, on: upload.link)
    }

    private func send(_ verdict: Receipt.Verdict, for offer: UpdateOffer, on link: SimulatedLink) {
        let update = SimulationLaws.Update(
            worker: offer.worker, round: offer.round, sha256: PayloadDigest.text(offer.payload.sha256))
        switch verdict {
        case .accepted, .alreadyAccepted: world.laws.answers(update, isAcknowledged: true)
        case .refused(.unavailable, _): break
        case .refused: world.laws.answers(update, isAcknowledged: false)
        }
        world.network.sendToWorker(.receipt(Receipt(run: offer.run, round: offer.round, verdict: verdict)), on: link)
    }
}
