// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCore
import FedWorker

/// Prints what happens at a worker.
struct WorkerConsole: Sendable {
    private let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    @Sendable func show(_ event: WorkerEvent) {
        switch event {
        case .connected(let worker, let run): terminal.print("connected as \(worker) to run \(run)")
        case .statistics(let isShared):
            terminal.print(
                isShared
                    ? "shares means and variances of its batch normalisation with the other workers (--share-statistics)"
                    : "keeps means and variances of its batch normalisation to itself; --share-statistics shares them")
        case .adversarial(let isAdversarial):
            terminal.print(
                isAdversarial
                    ? "trains adversarially from now on: the round leaves time for it"
                    : "no longer trains adversarially: the round leaves no time for it")
        case .reconnecting(let reason, let seconds):
            terminal.print("no connection (\(reason)); next attempt in \(Quantity.decimal(seconds, 1)) s")
        case .training(let round, let rounds): terminal.status("round \(round)/\(rounds) | training")
        case .trained(let round, let metrics, let bytes):
            terminal.print(
                "round \(round) | trained in \(Quantity.decimal(metrics.seconds, 1)) s | loss "
                    + "\(Quantity.decimal(metrics.loss, 3)) | \(Quantity.bytes(bytes)) to send")
        case .acknowledged: break
        case .refused(let round, let reason): terminal.print("round \(round) | update refused: \(reason)")
        case .declined(let round, let reason): terminal.print("round \(round) | cannot take part: \(reason)")
        case .memoryLost(let round, let reason):
            terminal.print("round \(round) | what was kept of earlier rounds is lost, in part or as a whole: \(reason)")
        case .cancelled(let round): terminal.print("round \(round) | no longer wanted: the round is closed")
        case .runEnded(let run, let outcome, let message):
            terminal.print("run \(run) \(outcome)\(message.isEmpty ? "" : ": \(message)")")
        }
    }
}
