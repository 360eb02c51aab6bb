// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedCore

/// Prints what happens in a run: one line a round, and a line for whatever a person should know in between.
struct RunConsole: Sendable {
    private let terminal: Terminal
    private let turnedAway: TurnedAwayLines

    init(_ terminal: Terminal) {
        self.terminal = terminal
        turnedAway = TurnedAwayLines(terminal)
    }

    @Sendable func show(_ event: CoordinatorEvent) {
        turnedAway.sayHidden()
        switch event {
        case .runStarted(let run, let rounds, let parameters, let resumedAfter):
            let resumed = resumedAfter > 0 ? ", going on after round \(resumedAfter)" : ""
            terminal.print("run \(run): \(rounds) rounds, \(parameters) parameters\(resumed)")
        case .coarseSums(let bits, let updates, let examples):
            terminal.print(
                "sums of \(updates) updates keep \(bits) bits behind the binary point, and smaller values count as 0: "
                    + "set limits.examplesPerWorker to \(examples) or less, if no worker has more, or strategy.weighting "
                    + "to uniform")
        case .enrolled(let worker): terminal.print("\(worker) has enrolled")
        case .sharesStatistics(let worker):
            terminal.print("\(worker) agrees that statistics of its batch normalisation are shared")
        case .keepsAdversarialStatistics(let worker):
            terminal.print(
                "\(worker) trains adversarially and shares no statistics: others do not profit unless it joins with --share-statistics"
            )
        case .withdrewStatistics(let worker):
            terminal.print("\(worker) no longer agrees that its statistics are shared: they are forgotten")
        case .withdrawalNotKept(let reason):
            terminal.print(
                "who no longer shares statistics cannot be written down, and is known to this process only: \(reason)")
        case .workerJoined(let worker, let connected): terminal.print("\(worker) is here (\(connected) connected)")
        case .workerLost(let worker, let reason): terminal.print("\(worker) is gone: \(reason)")
        case .turnedAway(let address, let reason): turnedAway.show(address: address, reason: reason)
        case .doorBlocked(let reason): terminal.print("connections wait: \(reason)")
        case .waiting(let connected, let needed):
            terminal.print("waiting for workers: \(connected) of \(needed) connected")
        case .roundStarted: break
        case .progress(let progress):
            terminal.status(
                "round \(progress.round) \(Terminal.bar(progress.fraction)) \(progress.accepted)/\(progress.participants) in"
                    + (progress.status.map(Self.waiting) ?? ""))
        case .folded(let worker, let origin, let round):
            terminal.print("round \(round): the update that \(worker) made in round \(origin) goes into it")
        case .quarantined(let worker, let reason): terminal.print("\(worker) is in quarantine: \(reason)")
        case .released(let worker): terminal.print("\(worker) is released from quarantine")
        case .updateRefused(let worker, let round, let reason):
            terminal.print("round \(round): update of \(worker) refused: \(reason)")
        case .declined(let worker, let round, let reason):
            terminal.print("round \(round): \(worker) does not take part: \(reason)")
        case .repaired(let worker, let round, let reason):
            terminal.print("round \(round): \(worker) gets the whole model: \(reason)")
        case .missing(let worker, let round, let reason):
            terminal.print("round \(round): closed without \(worker): \(reason)")
        case .withoutAdversarialWorkers(let round, let newest):
            terminal.print(
                "round \(round): nobody trains adversarially; "
                    + (newest.map { "adversarial statistics stay those of round \($0) and before" }
                        ?? "there are no adversarial statistics to propagate"))
        case .roundShort(let round, let accepted, let quorum, let attempt):
            terminal.print("round \(round): \(accepted) of \(quorum) needed updates in attempt \(attempt)")
        case .roundCommitted(let round, let rounds, let denseUplinkBytes):
            terminal.print(RoundLine.text(round, of: rounds, denseUplinkBytes: denseUplinkBytes))
        case .runFinished(let report):
            turnedAway.sayHidden(atOnce: true)
            terminal.print(Self.summary(report))
            if turnedAway.total > 0 { terminal.print("  refused   \(turnedAway.total) connections were turned away") }
        case .runFailed(let message): terminal.print("the run failed: \(message)")
        case .runStopped(let run, let round):
            terminal.print("run \(run) was stopped after round \(round); 'fedcoord run show \(run)' shows what it made")
        case .diskFull(let message): terminal.print("waiting for room on the disk: \(message)")
        case .diskHasRoom: terminal.print("there is room on the disk again: going on")
        }
    }

    /// Who is awaited, and when the wait ends.
    private static func waiting(_ status: RunStatus) -> String {
        guard let round = status.round, let first = round.awaited.first else { return "" }
        let others = round.awaitedCount > 1 ? " and \(round.awaitedCount - 1) more" : ""
        let end = status.secondsLeft.map { " | \(RunStatus.seconds($0)) left" } ?? ""
        return " | \(first.name) \(first.sentence())\(others)\(end)"
    }

    private static func summary(_ report: RunReport) -> String {
        let final = report.final
        var lines = ["run \(report.run) is done in \(Quantity.decimal(final.seconds, 1)) s"]
        if let accuracy = final.accuracy {
            let loss = final.loss.map { Quantity.decimal($0, 3) } ?? "not finite"
            let robust = final.robustAccuracy.map { ", attacked \(Quantity.decimal($0 * 100, 2)) %" } ?? ""
            lines.append(
                "  accuracy  \(Quantity.decimal(accuracy * 100, 2)) %\(robust), loss \(loss)")
        }
        if let personal = final.personal {
            let robust = personal.robustAccuracy.map { ", attacked \(Quantity.decimal($0 * 100, 2)) %" } ?? ""
            lines.append(
                "  personal  \(Quantity.decimal(personal.accuracy * 100, 2)) %\(robust), the lowest of "
                    + "\(personal.workers) workers \(Quantity.decimal(personal.lowestAccuracy * 100, 2)) %")
        }
        lines.append(
            "  up        \(Quantity.bytes(final.uplinkBytes)), "
                + "\(Quantity.factor(final.uplinkBytes, of: final.denseUplinkBytes)) less than dense float32, "
                + "\(Quantity.decimal(final.uplinkBitsPerParameter, 3)) bits per parameter (\(report.codec.uplink))")
        lines.append(
            "  down      \(Quantity.bytes(final.downlinkBytes)), "
                + "\(Quantity.factor(final.downlinkBytes, of: final.denseDownlinkBytes)) less than dense float32 "
                + "(\(report.codec.downlink))")
        if let checks = report.verification {
            lines.append("  copies    compared \(checks.comparisons) times, repaired \(checks.repairs) times")
        }
        if let updates = report.baseUpdates {
            lines.append("  bases     trained \(updates.map(String.init).joined(separator: ", ")) times")
        }
        if let updates = report.widthUpdates {
            let widths = updates.keys.compactMap { try? WidthRatio(text: $0) }.sorted()
            let counts = widths.map { "\($0): \(updates[$0.description] ?? 0)" }
            lines.append("  widths    trained \(counts.joined(separator: ", ")) times")
        }
        lines.append("  model     \(report.modelPath)")
        lines.append("            SHA-256 of its values \(report.modelSHA256)")
        return lines.joined(separator: "\n")
    }
}
