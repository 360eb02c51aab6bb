// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedWire

extension Worker {
    /// Takes up the files of the session's run, unless they are those of the session before.
    func open(_ run: RunDescription) async throws {
        guard folder?.run != run else { return }
        let opened = RunFolder(in: configuration.stateDirectory, of: run)
        let worker = configuration.credentials.worker
        let access = memoryAccess
        pending = try await OwnThread.run(named: "memory") { access.withLock { opened.recover(worker: worker) } }
        folder = opened
        resumeWaiting()
    }

    /// Encodes what came out of a training; of a run with memory, the memory after it is on disk when the call returns.
    ///
    /// Then an update that still waits for its receipt comes first: what it sends or leaves out decides what the next one holds.
    nonisolated func encode(
        _ outcome: TrainingOutcome, of assignment: WorkerAssignment, in folder: RunFolder, stop: StopFlag
    ) async throws -> PendingUpdate {
        let run = folder.run
        let rules = WorkerMemory.Rules(
            uplink: run.uplink, optimizer: assignment.training.optimizer, keepsOwn: run.own != nil)
        if rules.isNeeded { try await settlement(orStop: stop) }
        let worker = configuration.credentials.worker
        let access = memoryAccess
        let observe = observe
        let statistics = statistics(after: outcome, of: assignment, in: run)
        let codec = try await codec(for: outcome.change, of: assignment, in: run, stop: stop)
        return try await OwnThread.run(named: "encoding") {
            let generator = SeededGenerator(key: assignment.seed).stream("codec")
            func update(_ payload: [UInt8]) -> ClientUpdate {
                ClientUpdate(
                    worker: worker, run: assignment.run, round: assignment.round, baseVersion: assignment.baseVersion,
                    scope: assignment.scope, codec: assignment.codec, payload: payload,
                    exampleCount: outcome.exampleCount, metrics: outcome.metrics, statistics: statistics)
            }
            guard rules.isNeeded else {
                return PendingUpdate(update(try codec.encode(outcome.change, generator: generator)))
            }
            return try access.withLock {
                // Nothing that is no longer wanted is written over what is.
                guard !stop.isSet else { throw CancellationError() }
                let beginning = folder.beginning(of: assignment.round)
                if let loss = beginning.loss { observe(.memoryLost(assignment.round, reason: loss)) }
                var memory = beginning.memory
                let payload = try memory.encode(
                    outcome.change, optimizer: outcome.optimizerState, own: outcome.own, rules: rules, codec: codec,
                    generator: generator)
                try folder.propose(memory, generation: beginning.generation + 1, round: assignment.round)
                return PendingUpdate(update(payload), generation: beginning.generation + 1)
            }
        }
    }

    /// What this worker shares after a training, if it agrees to that and the run does so; its noise follows from nothing that anybody
    /// else knows, and is kept with the update.
    private nonisolated func statistics(
        after outcome: TrainingOutcome, of assignment: WorkerAssignment, in run: RunDescription
    ) -> WorkerStatistics? {
        guard run.sharesStatistics, let own = run.own, let sharing = configuration.sharing else { return nil }
        return sharing.statistics(
            of: outcome.own, layout: own, isAdversarial: assignment.training.movesAdversarialStatistics,
            generator: SeededGenerator(key: .random(in: .min ... .max)))
    }

    /// Waits until no update of a run with memory waits for its receipt; throws `CancellationError` when `stop` is set.
    private func settlement(orStop stop: StopFlag) async throws {
        while pending?.generation != nil, !stop.isSet {
            await withCheckedContinuation { waiting.append($0) }
        }
        guard !stop.isSet else { throw CancellationError() }
    }

    /// Lets trainings that wait see how things stand.
    func resumeWaiting() {
        let continuations = waiting
        waiting = []
        for continuation in continuations { continuation.resume() }
    }

    /// The coordinator has used the pending update, or never will: brings the memory up to that and forgets the update.
    ///
    /// Where the disk does not take it the update is offered again, so that the coordinator says so once more.
    func settle(_ kept: PendingUpdate, _ fate: UpdateFate) async {
        guard kept.generation != nil, let folder else { return forgetPending() }
        isSettling = true
        defer { isSettling = false }
        do {
            let access = memoryAccess
            let loss = try await OwnThread.run(named: "memory") {
                try access.withLock { try folder.settle(kept, fate) }
            }
            if let loss { observe(.memoryLost(kept.update.round, reason: loss)) }
            // Another run may have come meanwhile, with an update of its own.
            if self.folder?.identity == folder.identity { pending = nil }
            resumeWaiting()
        } catch {
            observe(.refused(kept.update.round, reason: "\(error); it will be offered again"))
            offerAgain(kept)
        }
    }

    /// Offers the pending update once more in a while, if it is still the same.
    func offerAgain(_ kept: PendingUpdate) {
        Task {
            try await Task.sleep(for: .seconds(2))
            guard let update = pending?.update, !isSettling, update.run == kept.update.run,
                update.round == kept.update.round
            else { return }
            submit(update)
        }
    }

    /// Forgets the pending update, on disk, too.
    func forgetPending() {
        pending = nil
        folder?.forgetUpdate()
        resumeWaiting()
    }

    /// Forgets everything about a run that is over for good.
    func forget(_ run: RunID) {
        guard let folder, folder.run.run == run else { return }
        folder.remove()
        self.folder = nil
        pending = nil
        resumeWaiting()
    }
}
