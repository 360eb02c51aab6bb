// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedTraining
internal import FedTransport
internal import FedWire

extension Worker {
    /// Whether an assignment is new: not the one being trained, and not the one whose update waits for its receipt.
    ///
    /// One that is wanted is the newest from then on: whatever was still arriving is not started any more. One that is being
    /// trained comes again from a coordinator that has lost what it was told of it, or has opened its round only now.
    func wants(_ assignment: WorkerAssignment) -> Bool {
        newest = nil
        if let current = training?.assignment, current.run == assignment.run, current.round == assignment.round {
            reportScales()
            return false
        }
        if let pending {
            if pending.update.run == assignment.run, pending.update.round == assignment.round { return false }
            // Of a run with memory, its receipt is waited for.
            if pending.generation == nil { forgetPending() }
        }
        newest = (assignment.run, assignment.round)
        return true
    }

    /// Receives what leads to the model of an assignment, and starts to train.
    nonisolated func receive(_ message: Assignment, _ transfer: IncomingTransfer, in run: RunDescription) async {
        let assignment = message.assignment
        do {
            guard let payload = try await bytes(of: message, transfer, in: run) else {
                return await request(assignment, .notHeld)
            }
            var copy = await copy
            let model = try copy.follow(message, payload, in: run)
            await keep(nil, of: message)
            await start(message, in: run, model: model, copy)
        } catch let error as TransferError {
            if !error.isConnectionLoss { await giveUp(assignment, "the model did not arrive: \(error.message)") }
        } catch ModelCopy.Failure.useless(let reason) {
            await request(assignment, reason)
        } catch ModelCopy.Failure.undecodable(let reason) {
            await giveUp(assignment, reason)
        } catch {
            await giveUp(assignment, "the model cannot be had: \(error)")
        }
    }

    /// Asks for the whole model in place of steps, unless nobody waits for the assignment any more.
    private func request(_ assignment: WorkerAssignment, _ reason: ModelRequest.Reason) {
        guard isNewest(assignment.run, assignment.round) else { return }
        copy = ModelCopy()
        outbox?.yield(
            .message(.modelRequest(ModelRequest(run: assignment.run, round: assignment.round, reason: reason))))
    }

    /// Trains in place of what was being trained, unless a newer assignment or a cancel came while the model arrived.
    private func start(
        _ message: Assignment, in run: RunDescription, model: ParameterVector, _ copy: ModelCopy
    ) {
        let assignment = message.assignment
        guard isNewest(assignment.run, assignment.round), let folder, folder.run == run else { return }
        self.copy = copy
        newest = nil
        stopTraining()
        let stop = StopFlag()
        training = (assignment, stop)
        observe(.training(assignment.round, of: run.rounds))
        let isUnsettled = pending?.generation != nil
        Task {
            do {
                let update = try await compute(
                    message, in: folder, model: model, isUnsettled: isUnsettled, stop: stop)
                finished(update, stop)
            } catch {
                failed(assignment, stop, error)
            }
        }
    }

    /// Trains and encodes on threads of their own.
    private nonisolated func compute(
        _ message: Assignment, in folder: RunFolder, model: ParameterVector, isUnsettled: Bool, stop: StopFlag
    ) async throws -> PendingUpdate {
        let assignment = message.assignment
        let trainer = trainer
        let progress = progress
        let access = memoryAccess
        defer { progress.value = nil }
        let outcome = try await OwnThread.run(named: "training") {
            var memory = WorkerMemory()
            let keepsOptimizer = assignment.training.optimizer.state == .kept
            if keepsOptimizer || folder.run.own != nil {
                memory = access.withLock {
                    folder.beginning(of: assignment.round, isUnsettled: isUnsettled).memory
                }
            }
            return try trainer.train(
                assignment, in: folder.run, model: model,
                optimizerState: keepsOptimizer ? memory.optimizer : nil, own: memory.own,
                adversarialStatistics: message.adversarialStatistics,
                progress: { progress.value = min(1, max(0, $0)) }, shouldStop: { stop.isSet })
        }
        return try await encode(outcome, of: assignment, in: folder, stop: stop)
    }

    /// Keeps a finished update, on disk first, and offers it if somebody is there.
    private func finished(_ kept: PendingUpdate, _ stop: StopFlag) {
        guard training?.stop === stop, !stop.isSet else { return }
        let update = kept.update
        if let assignment = training?.assignment { measure(update, of: assignment) }
        training = nil
        observe(.trained(update.round, update.metrics, payloadBytes: update.payload.count))
        do {
            try folder?.keep(kept)
        } catch {
            // With a memory the update must not be known to the coordinator only.
            guard kept.generation == nil else {
                // It may be there all the same.
                folder?.forgetUpdate()
                return decline(update.run, update.round, "\(error)")
            }
            observe(.declined(update.round, reason: "the update is kept in memory only: \(error)"))
        }
        pending = kept
        submit(update)
    }

    /// Finds out what the worker can afford, where it was told to.
    private func measure(_ update: ClientUpdate, of assignment: WorkerAssignment) {
        guard let run = folder?.run else { return }
        let cost = measureAdversarialTraining(update, of: assignment, in: run)
        guard configuration.budget == .measured else { return }
        // What says nothing, as the training of a whole model, does not take back what was measured.
        measuredBudget =
            TrainingBudget.affordable(
                after: update.metrics.seconds * cost, trained: assignment.scope, of: run.model,
                deadlineSeconds: assignment.deadlineSeconds, freeBytes: MachineMemory.now.availableBytes,
                bytes: { run.trainingBytes(at: $0, batchSize: assignment.training.batchSize) }) ?? measuredBudget
    }

    /// Finds out whether the worker can afford to train adversarially, where it was told to; how many times as long the next
    /// training takes for it.
    private func measureAdversarialTraining(
        _ update: ClientUpdate, of assignment: WorkerAssignment, in run: RunDescription
    ) -> Double {
        guard configuration.adversarial == .measured, let cost = run.adversarialCost else { return 1 }
        let wasAdversarial = assignment.training.adversarialTerm != nil
        // What was measured may have been calibrated, which takes longer than training that is not.
        let ratio = max(1, cost * 3 / Double(assignment.training.passCost))
        let affords = configuration.adversarial.isAdversarial(
            after: update.metrics.seconds, wasAdversarial: wasAdversarial, cost: ratio,
            deadlineSeconds: assignment.deadlineSeconds)
        if affords != affordsAdversarialTraining { observe(.adversarial(affords)) }
        affordsAdversarialTraining = affords
        return affords && !wasAdversarial ? ratio : 1
    }

    private func failed(_ assignment: WorkerAssignment, _ stop: StopFlag, _ error: any Error) {
        guard training?.stop === stop, !stop.isSet else { return }
        training = nil
        decline(assignment.run, assignment.round, "\(error)")
    }

    /// Offers a kept update; declines in its place when the coordinator does not take as many bytes.
    func submit(_ update: ClientUpdate) {
        guard update.payload.count <= maximumTransferBytes else {
            if let kept = pending { Task { await settle(kept, .unused) } }
            decline(
                update.run, update.round,
                "the update has \(update.payload.count) bytes and the coordinator takes \(maximumTransferBytes): the "
                    + "worker's version of the program differs from the coordinator's")
            return
        }
        var sent = update
        configuration.sabotage?.distort(payload: &sent.payload)
        outbox?.yield(.update(sent))
    }

    /// Declines an assignment whose model cannot be had, unless nobody waits for it any more.
    private func giveUp(_ assignment: WorkerAssignment, _ reason: String) {
        guard isNewest(assignment.run, assignment.round) else { return }
        newest = nil
        decline(assignment.run, assignment.round, reason)
    }

    private func decline(_ run: RunID, _ round: RoundID, _ reason: String) {
        observe(.declined(round, reason: reason))
        outbox?.yield(
            .message(
                .decline(
                    Decline(
                        run: run, round: round, reason: String(reason.prefix(500)), heldVersion: copy.version(in: run)))
            ))
    }

    func isNewest(_ run: RunID, _ round: RoundID) -> Bool {
        guard let newest else { return false }
        return newest.run == run && newest.round == round
    }

    /// The coordinator's answer to an update: whatever it says, the update is settled, unless it could not be stored.
    func handle(_ receipt: Receipt) async {
        guard let kept = pending, !isSettling, kept.update.run == receipt.run, kept.update.round == receipt.round else {
            // One that was stored may yet be left out of the model, beside the others of its round; it is settled all
            // the same.
            if pending == nil, case .refused(let code, let reason) = receipt.verdict, code == .badValues {
                observe(.refused(receipt.round, reason: reason))
            }
            return
        }
        switch receipt.verdict {
        case .accepted, .alreadyAccepted:
            observe(.acknowledged(receipt.round))
            await settle(kept, .used)
        case .refused(.unavailable, let reason):
            observe(.refused(receipt.round, reason: "\(reason); it will be offered again"))
            offerAgain(kept)
        case .refused(let code, let reason):
            observe(.refused(receipt.round, reason: reason))
            await settle(kept, code == .badValues ? .unusable : .unused)
        }
    }

    /// Stops an assignment, whether it is being trained or its model is still arriving.
    func handle(_ cancel: Cancel) {
        if isNewest(cancel.run, cancel.round) {
            newest = nil
            download = nil
        } else if let current = training?.assignment, current.run == cancel.run, current.round == cancel.round {
            stopTraining()
        } else {
            return
        }
        observe(.cancelled(cancel.round))
    }

    /// Leaves off whatever is under way: the run is over.
    func end(_ ended: RunEnded) {
        newest = nil
        download = nil
        stopTraining()
        // One that failed may go on when it is served again.
        if ended.outcome == .finished { forget(ended.run) }
    }

    func stopTraining() {
        training?.stop.set()
        training = nil
        giveUpScales()
        resumeWaiting()
    }
}
