// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedTransport
internal import FedWire

extension Coordinator {
    /// Receives the update that a session's worker offers, or refuses it; answers in either case.
    nonisolated func receive(_ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession) async {
        guard let attempt = await admit(offer, from: session) else { return }
        // What is received and what is decoded from it.
        let bytes = offer.payload.byteCount + model.layout.count * MemoryLayout<Float>.size
        await updateMemory.withBytes(bytes) {
            await self.collect(offer, transfer, from: session, attempt: attempt)
        }
    }

    private nonisolated func collect(
        _ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession, attempt: Int
    ) async {
        let payload: [UInt8]
        do {
            payload = try await transfer.collect(limit: uplink.maximumEncodedCount(layout: model.layout))
        } catch {
            if error.isConnectionLoss {
                await receiveFailed(session.worker, attempt: attempt)
            } else {
                await refuse(offer, from: session, attempt: attempt, .init(.transferFailed, error.message))
            }
            return
        }
        let update = ClientUpdate(
            worker: session.worker, run: offer.run, round: offer.round, baseVersion: offer.baseVersion,
            scope: offer.scope, codec: offer.codec, payload: payload, exampleCount: offer.exampleCount,
            metrics: offer.metrics)
        let change: ParameterVector
        do {
            change = try uplink.decode(payload, layout: model.layout)
        } catch {
            await refuse(offer, from: session, attempt: attempt, .init(Self.code(for: error), error.message))
            return
        }
        if let refusal = await refusal(of: change, in: update) {
            await refuse(offer, from: session, attempt: attempt, refusal)
            return
        }
        do {
            try await records.append(update)
        } catch {
            session.send(receipt(for: offer, .refused(.unavailable, "the coordinator cannot store it: \(error)")))
            await receiveFailed(session.worker, attempt: attempt)
            return
        }
        session.send(receipt(for: offer, await count(update, change)))
    }

    private static func code(for error: CodecError) -> RefusalCode {
        error == CodecError(.nonFiniteValue, "") || error == CodecError(.valueOutOfRange, "")
            ? .badValues : .undecodable
    }

    /// Lets an offer in, or answers it; returns the attempt that it was let in to.
    private func admit(_ offer: UpdateOffer, from session: WorkerSession) -> Int? {
        guard sessions[session.worker]?.number == session.number, session.admission.refusal() == nil else {
            return nil  // the connection is being closed
        }
        guard let round = open, !round.isOver else {
            let isNews = offer.run == run && offer.round.rawValue > committedRounds
            answer(offer, from: session, .init(isNews ? .unavailable : .wrongRound, "no round is open"))
            return nil
        }
        switch verdict(on: offer, from: session, in: round) {
        case .receive: return round.attempt
        case .alreadyAccepted: session.send(receipt(for: offer, .alreadyAccepted))
        case .refuse(let refusal):
            answer(offer, from: session, refusal)
            // An update of an earlier round is an honest leftover; anything else settles the worker for this round.
            let isLeftover = offer.run == run && offer.round < round.engine.plan.round
            if refusal.code != .unavailable, !isLeftover {
                decide { $0.refused(session.worker, refusal, now: $1) }
            }
        }
        return nil
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
        let metrics = offer.metrics
        guard metrics.loss.isFinite, (0...1).contains(metrics.accuracy), metrics.seconds >= 0, metrics.seconds.isFinite
        else {
            return .refuse(
                .init(.badMetrics, "the metrics hold NaN, infinity, an accuracy outside 0 to 1 or negative seconds"))
        }
        return round.engine.offered(
            by: offer.worker, round: offer.round, baseVersion: offer.baseVersion, scope: offer.scope,
            codec: offer.codec, exampleCount: offer.exampleCount, maximumExamples: config.limits.examplesPerWorker)
    }

    /// Why a decoded change cannot be used, before it is stored; nil if it can.
    private func refusal(of change: ParameterVector, in update: ClientUpdate) -> UpdateRefusal? {
        guard let round = open, !round.isOver, round.engine.plan.round == update.round else {
            return .init(.unavailable, "round \(update.round) closed while the update was received")
        }
        do {
            try round.aggregation.check(change.values, weight: strategy.weighting.weight(examples: update.exampleCount))
            return nil
        } catch {
            return .init(error == CoreError(.countMismatch, "") ? .wrongLayout : .badValues, error.message)
        }
    }

    /// Adds a stored update to the sum, once, and says what to tell the worker.
    ///
    /// The round may meanwhile have gone into another attempt, which has read the update from the journal or not.
    private func count(_ update: ClientUpdate, _ change: ParameterVector) -> Receipt.Verdict {
        guard let round = open, !round.isOver, round.engine.plan.round == update.round else {
            return .refused(.unavailable, "round \(update.round) closed while the update was stored")
        }
        if round.accepted[update.worker] != nil { return .alreadyAccepted }
        guard round.engine.counts(update.worker) else {
            return .refused(.notAssigned, "\(update.worker) has no open assignment in round \(update.round)")
        }
        do {
            try round.aggregation.add(change.values, weight: strategy.weighting.weight(examples: update.exampleCount))
        } catch {
            return .refused(.badValues, error.message)
        }
        round.accepted[update.worker] = AcceptedUpdate(update)
        decide { $0.stored(update.worker, now: $1) }
        return .accepted
    }

    /// An update did not arrive; if its worker is connected again, it is asked again.
    private func receiveFailed(_ worker: WorkerID, attempt: Int) {
        guard open?.attempt == attempt else { return }
        decide { $0.receiveFailed(worker, now: $1) }
        guard sessions[worker] != nil else { return }
        decide { $0.connected(worker, now: $1) }
    }

    private func refuse(
        _ offer: UpdateOffer, from session: WorkerSession, attempt: Int, _ refusal: UpdateRefusal
    ) {
        answer(offer, from: session, refusal)
        guard open?.attempt == attempt else { return }
        decide { $0.refused(session.worker, refusal, now: $1) }
    }

    private func answer(_ offer: UpdateOffer, from session: WorkerSession, _ refusal: UpdateRefusal) {
        session.send(receipt(for: offer, .refused(refusal.code, refusal.message)))
        observe(.updateRefused(session.worker, offer.round, reason: refusal.message))
    }

    private nonisolated func receipt(for offer: UpdateOffer, _ verdict: Receipt.Verdict) -> WorkerSession.Command {
        .message(.receipt(Receipt(run: offer.run, round: offer.round, verdict: verdict)))
    }
}
