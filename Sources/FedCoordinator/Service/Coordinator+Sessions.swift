// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTransport
internal import FedWire

extension Coordinator {
    /// Talks with one worker until the connection ends; returns why it ended, in a sentence.
    ///
    /// `worker` is what the certificate says; `admission` is asked again now and then.
    @discardableResult
    public nonisolated func converse(
        with worker: WorkerID, over connection: any Connection, admission: Admission = .always
    ) async -> String {
        let hello: Hello
        do {
            hello = try await connection.withTimeLimit(seconds: settings.helloSeconds, for: "hello") {
                try await self.greet(worker, connection)
            }
        } catch {
            let refusal = error as? PeerError ?? PeerError(code: .protocolViolation, message: "\(error)")
            await connection.close(refusal)
            // Who is in quarantine tries again and again.
            if refusal.code == .quarantined { return refusal.message }
            observe(.turnedAway(address: connection.peer.address, reason: "\(worker): \(refusal.message)"))
            return refusal.message
        }
        let (commands, outbox) = AsyncStream.makeStream(
            of: WorkerSession.Command.self, bufferingPolicy: .bufferingOldest(WorkerSession.longestOutbox))
        try? await records.note(worker, address: connection.peer.address, agent: hello.agent)
        let session = await begin(worker, hello, admission, outbox) { await connection.close($0) }
        let reason = await withDiscardingTaskGroup { group in
            let first = FirstReason()
            group.addTask {
                guard let reason = await self.sendAll(commands, over: connection) else { return }
                first.keep(reason)
                // So that nothing is listened to any more.
                await connection.close(nil)
            }
            first.keep(await self.handleAll(of: session, over: connection, in: &group))
            group.cancelAll()
            outbox.finish()
            return first.text
        }
        await lost(session, reason: reason)
        await connection.close(nil)
        return reason
    }

    /// Exchanges the first messages and returns the worker's.
    private nonisolated func greet(_ worker: WorkerID, _ connection: any Connection) async throws -> Hello {
        var iterator = connection.messages.makeAsyncIterator()
        var first: ControlMessage?
        repeat { first = try await iterator.next()?.message } while first.isHeartbeat
        guard case .hello(let hello) = first else {
            throw PeerError(code: .protocolViolation, message: "the first message must be hello")
        }
        if let refusal = await quarantine(of: worker) { throw refusal }
        let version = try ProtocolVersionRange.supported.negotiated(with: hello.versions)
        guard hello.datasets.contains(config.data.dataset) else {
            throw PeerError(
                code: .notAdmitted,
                message: "run \(run) trains on \(config.data.dataset), which this worker does not have: start it with "
                    + "--data \(config.data.dataset)=PATH")
        }
        guard config.uplink.scales != .shared || hello.sharesScales else {
            throw PeerError(
                code: .notAdmitted,
                message: "run \(run) shares scales among its workers, which this worker cannot do: use a newer version")
        }
        if let narrowest = strategy.narrowest, !strategy.affords(budget(of: hello) ?? .full) {
            let networks =
                strategy.bases == nil ? "networks of width \(narrowest) or more" : "base networks of width \(narrowest)"
            throw PeerError(
                code: .notAdmitted,
                message:
                    "run \(run) trains \(networks), more than a budget of \(hello.budget ?? .full) affords: start the "
                    + "worker with --budget \(narrowest) or more")
        }
        try await connection.send(
            .welcome(
                Welcome(
                    version: version, worker: worker, heartbeatSeconds: settings.heartbeatSeconds,
                    maximumTransferBytes: parts.maximumEncodedCount(uplink, layout: model.layout),
                    upload: await handOverUpload(of: worker))))
        connection.setHeartbeatInterval(.seconds(settings.heartbeatSeconds))
        try await connection.send(.run(runDescription))
        return hello
    }

    /// What a worker can afford, as far as it is known.
    private nonisolated func budget(of hello: Hello) -> WidthRatio? {
        guard hello.measuresBudget, let narrowest = strategy.narrowest else { return hello.budget }
        // What it found out in an earlier run may be less than the least of this one.
        return max(hello.budget ?? narrowest, narrowest)
    }

    /// Registers a session; one of the same worker that is still there makes room for it.
    private func begin(
        _ worker: WorkerID, _ hello: Hello, _ admission: Admission,
        _ outbox: AsyncStream<WorkerSession.Command>.Continuation,
        close: @escaping @Sendable (PeerError) async -> Void
    ) -> WorkerSession {
        sessionCount += 1
        let session = WorkerSession(
            number: sessionCount, worker: worker, takesSteps: hello.takesSteps, budget: budget(of: hello),
            measuresBudget: hello.measuresBudget, trainsAdversarially: hello.trainsAdversarially,
            measuresAdversarialTraining: hello.measuresAdversarialTraining, sharesStatistics: hello.sharesStatistics,
            download: hello.download,
            admission: admission, outbox: outbox, close: close)
        if let old = sessions.updateValue(session, forKey: worker) {
            old.send(.close(PeerError(code: .replaced, message: "\(worker) has connected again from elsewhere")))
            decide { $0.lost(worker, now: $1) }
        }
        held[worker] = hello.takesSteps && hello.held?.run == run ? hello.held?.version : nil
        observe(.workerJoined(worker, connected: sessions.count))
        noteConsent(of: session)
        keepStatus()
        if let ended {
            session.send(.message(.runEnded(ended)))
        } else {
            decide { $0.connected(worker, now: $1) }
            admitArrivals()
        }
        return session
    }

    func lost(_ session: WorkerSession, reason: String) {
        guard sessions[session.worker]?.number == session.number else { return }
        sessions[session.worker] = nil
        held[session.worker] = nil
        if ended == nil { observe(.workerLost(session.worker, reason: reason)) }
        decide { $0.lost(session.worker, now: $1) }
        keepStatus()
    }

    /// Ends the sessions of workers that may no longer take part.
    package func expelTheUnwelcome() async {
        await refreshQuarantine()
        forgetTheRevoked(also: open?.ledger.workers ?? [])
        for session in sessions.values {
            guard let refusal = session.admission.refusal() else { continue }
            lost(session, reason: refusal.message)
            // A list that cannot be read is no revocation.
            if refusal.code == .revoked { forgetStatistics(of: session.worker) }
            // At once, and not behind what is still to be sent.
            Task { await session.close(refusal) }
        }
    }

    /// Waits until the workers that a round needs are connected, and returns those that can take part, at least one.
    func enoughWorkers(for round: RoundID) async throws -> [WorkerID] {
        while true {
            try await enoughConnections(for: round)
            // Whoever came may have left again.
            let available = availableWorkers()
            if !available.isEmpty { return available }
        }
    }

    private func enoughConnections(for round: RoundID) async throws {
        let needed = planner.neededWorkers(for: round)
        guard sessions.count < needed else { return }
        observe(.waiting(connected: sessions.count, needed: needed))
        defer { lastStatus = nil }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                arrivals = (needed, continuation)
                keepStatus(atOnce: true)
                if Task.isCancelled { stopWaiting() }
            }
        } onCancel: {
            Task { await self.stopWaiting() }
        }
    }

    /// Gives the workers of the last round some time to come back after a restart of the coordinator, so that the next
    /// round has the same ones.
    func welcomeBack(_ workers: [WorkerID]) async throws {
        let end = clock.now() + settings.restartGrace
        while clock.now() < end, !workers.allSatisfy({ sessions[$0] != nil }) { try await clock.sleep(0.02) }
    }

    private func admitArrivals() {
        guard let waiting = arrivals, sessions.count >= waiting.needed else { return }
        arrivals = nil
        waiting.continuation.resume()
    }

    /// Waits until all workers have left, at most so many seconds, after a run has ended.
    public func farewell(seconds: Double) async {
        let end = clock.now() + seconds
        while !sessions.isEmpty, clock.now() < end { try? await clock.sleep(0.02) }
    }

    private func stopWaiting() {
        arrivals?.continuation.resume(throwing: CancellationError())
        arrivals = nil
    }

    /// Sends what the coordinator decides; a model's bytes go on beside the messages that follow it.
    private nonisolated func sendAll(
        _ commands: AsyncStream<WorkerSession.Command>, over connection: any Connection
    ) async -> String? {
        await withDiscardingTaskGroup { group in
            for await command in commands {
                guard let reason = await Self.send(command, over: connection, in: &group) else { continue }
                group.cancelAll()
                return reason
            }
            return nil
        }
    }

    /// Sends one thing; why the session ends, if it does.
    ///
    /// Apart, so that who waits for the next thing does not hold room for it.
    @inline(never)
    private static func send(
        _ command: WorkerSession.Command, over connection: any Connection, in group: inout DiscardingTaskGroup
    ) async -> String? {
        do throws(TransportError) {
            switch command {
            case .message(let message): try await connection.send(message)
            case .assignment(let assignment, let download, let statistics, let offset, let bytes):
                let header = connection.makeTransferHeader(for: download.payload, from: offset)
                try await connection.send(
                    .assignment(
                        Assignment(
                            assignment: assignment, model: header, modelCodec: download.codec,
                            modelState: download.modelState, steps: download.steps,
                            modelSHA256: download.modelSHA256, adversarialStatistics: statistics)))
                // A worker may give the bytes up; if the connection broke, the reader says so.
                group.addTask {
                    try? await connection.send(download.payload, on: header) { bytes.add($0) }
                }
            case .close(let reason):
                await connection.close(reason)
                return reason.message
            }
            return nil
        } catch { return error.message }
    }

    /// Handles what a worker says until the connection ends, and returns why it did; updates are received in tasks of `group`,
    /// beside what follows them.
    private nonisolated func handleAll(
        of session: WorkerSession, over connection: any Connection, in group: inout DiscardingTaskGroup
    ) async -> String {
        do throws(TransportError) {
            for try await inbound in connection.messages {
                switch inbound.message {
                case .updateOffer(let offer):
                    guard let transfer = inbound.transfer else { continue }
                    group.addTask { await self.receive(offer, transfer, from: session) }
                case .heartbeat(let heartbeat): await self.progressed(session, heartbeat)
                case .decline(let decline): await self.declined(session, decline)
                case .modelRequest(let request): await self.repair(request, of: session)
                case .scaleReport(let report): await self.take(report, from: session)
                case .peerError(let error): return "it said: \(error.message)"
                case .hello, .welcome, .run, .runEnded, .assignment, .receipt, .cancel, .sharedScales,
                    .enrolRequest, .enrolResponse:
                    await connection.close(
                        PeerError(code: .protocolViolation, message: "a worker does not send this message here"))
                    return "it sent a message that a worker does not send"
                }
            }
            return "it closed the connection"
        } catch {
            return error.message
        }
    }

    private func progressed(_ session: WorkerSession, _ heartbeat: Heartbeat) {
        keepStatus()
        guard let progress = heartbeat.progress, sessions[session.worker]?.number == session.number else { return }
        open?.engine.trained(session.worker, share: progress, now: clock.now())
        reportProgress()
    }

    private func declined(_ session: WorkerSession, _ decline: Decline) {
        guard decline.run == run, sessions[session.worker]?.number == session.number else { return }
        note(held: decline.heldVersion, by: session)
        observe(.declined(session.worker, decline.round, reason: decline.reason))
        overdue.declined(session.worker, round: decline.round)
        decide { $0.declined(session.worker, round: decline.round, reason: decline.reason, now: $1) }
    }
}

extension ControlMessage? {
    fileprivate var isHeartbeat: Bool {
        if case .heartbeat = self { true } else { false }
    }
}
