internal import FedCodecs
internal import FedCore
internal import FedStore
internal import FedTransport
internal import FedWire

extension Coordinator {
    /// Receives the update that a session's worker offers, or refuses it; answers in either case.
    nonisolated func receive(_ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession) async {
        switch await verdict(on: offer, from: session) {
        case .alreadyAccepted:
            session.send(receipt(for: offer, .alreadyAccepted))
        case .refuse(let refusal):
            await reportRefusal(refusal, of: offer, from: session)
        case .receive:
            // What is received and what is decoded from it.
            let bytes = offer.payload.byteCount + model.layout.count * MemoryLayout<Float>.size
            await updateMemory.withBytes(bytes) { await self.collect(offer, transfer, from: session) }
        }
    }

    private nonisolated func collect(
        _ offer: UpdateOffer, _ transfer: IncomingTransfer, from session: WorkerSession
    ) async {
        let payload: [UInt8]
        do {
            payload = try await transfer.collect(limit: uplink.maximumEncodedCount(layout: model.layout))
        } catch {
            if error.isConnectionLoss {
                await receiveFailed(session.worker)
            } else {
                await refuse(offer, from: session, UpdateRefusal(.transferFailed, error.message))
            }
            return
        }
        let update = ClientUpdate(
            worker: session.worker, run: offer.run, round: offer.round, baseVersion: offer.baseVersion,
            scope: offer.scope, codec: offer.codec, payload: payload, exampleCount: offer.exampleCount,
            metrics: offer.metrics)
        await store(update, offer, from: session)
    }

    /// Decodes, checks, writes to disk, and only then counts an update.
    private nonisolated func store(_ update: ClientUpdate, _ offer: UpdateOffer, from session: WorkerSession) async {
        let change: ParameterVector
        do {
            change = try uplink.decode(update.payload, layout: model.layout)
        } catch {
            await refuse(offer, from: session, UpdateRefusal(Self.code(for: error), error.message))
            return
        }
        if let refusal = await checked(change, weight: update.exampleCount) {
            await refuse(offer, from: session, refusal)
            return
        }
        do {
            try await records.append(update)
        } catch {
            session.send(receipt(for: offer, .refused(.unavailable, "the coordinator cannot store it: \(error)")))
            await receiveFailed(session.worker)
            return
        }
        if await !stored(update, change) {
            session.send(
                receipt(for: offer, .refused(.late, "round \(offer.round) closed while the update was stored")))
        }
    }

    private static func code(for error: CodecError) -> RefusalCode {
        error == CodecError(.nonFiniteValue, "") || error == CodecError(.valueOutOfRange, "")
            ? .badValues : .undecodable
    }

    private func verdict(on offer: UpdateOffer, from session: WorkerSession) -> RoundEngine.Verdict {
        guard offer.worker == session.worker else {
            return .refuse(.init(.wrongWorker, "the update names another worker than the certificate"))
        }
        guard offer.run == run else {
            return .refuse(.init(.wrongRun, "run \(offer.run) is not under way; the open run is \(run)"))
        }
        guard [offer.metrics.loss, offer.metrics.accuracy, offer.metrics.seconds].allSatisfy(\.isFinite) else {
            return .refuse(.init(.badMetrics, "the metrics hold NaN or infinity"))
        }
        guard let round = open, !round.isOver else { return .refuse(.init(.wrongRound, "no round is open")) }
        return round.engine.offered(
            by: offer.worker, round: offer.round, baseVersion: offer.baseVersion, scope: offer.scope,
            codec: offer.codec, exampleCount: offer.exampleCount, maximumExamples: config.limits.examplesPerWorker)
    }

    private func checked(_ change: ParameterVector, weight: Int) -> UpdateRefusal? {
        guard let aggregation = open?.aggregation else { return .init(.late, "the round is closed") }
        do {
            try aggregation.check(change.values, weight: Int64(weight))
            return nil
        } catch {
            return .init(error == CoreError(.countMismatch, "") ? .wrongLayout : .badValues, error.message)
        }
    }

    /// Counts a stored update; false if its round is over.
    private func stored(_ update: ClientUpdate, _ change: ParameterVector) -> Bool {
        guard let round = open, !round.isOver, round.engine.plan.round == update.round else { return false }
        round.decoded[update.worker] = change
        round.accepted[update.worker] = AcceptedUpdate(update)
        decide { $0.stored(update.worker, now: $1) }
        return true
    }

    /// Adds a stored update to the sum; it was checked before it was stored.
    func fold(_ worker: WorkerID, in round: OpenRound) {
        guard let change = round.decoded.removeValue(forKey: worker), let update = round.accepted[worker] else {
            preconditionFailure("an update is decoded and counted before it is added")
        }
        do {
            try round.aggregation.add(change.values, weight: Int64(update.exampleCount))
        } catch {
            preconditionFailure("an update that was checked can be added")
        }
    }

    private func receiveFailed(_ worker: WorkerID) {
        decide { $0.receiveFailed(worker, now: $1) }
        guard sessions[worker] != nil else { return }
        decide { $0.connected(worker, now: $1) }
    }

    private func refuse(_ offer: UpdateOffer, from session: WorkerSession, _ refusal: UpdateRefusal) {
        reportRefusal(refusal, of: offer, from: session)
        decide { $0.refused(session.worker, refusal, now: $1) }
    }

    private func reportRefusal(_ refusal: UpdateRefusal, of offer: UpdateOffer, from session: WorkerSession) {
        session.send(receipt(for: offer, .refused(refusal.code, refusal.message)))
        observe(.updateRefused(session.worker, offer.round, reason: refusal.message))
    }

    private nonisolated func receipt(for offer: UpdateOffer, _ verdict: Receipt.Verdict) -> WorkerSession.Command {
        .message(.receipt(Receipt(run: offer.run, round: offer.round, verdict: verdict)))
    }

    func reply(to worker: WorkerID, _ round: RoundID, _ verdict: Receipt.Verdict) {
        sessions[worker]?.send(.message(.receipt(Receipt(run: run, round: round, verdict: verdict))))
    }
}
