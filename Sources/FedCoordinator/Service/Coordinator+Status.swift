// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

/// What is known of a run while it goes on.
extension Coordinator {
    /// Keeps where the run stands for `fedcoord run why`, no more than once a second unless it is `atOnce`.
    func keepStatus(atOnce: Bool = false) {
        guard ended == nil, !isKeepingStatus, atOnce || clock.now() - statusKeptAt >= 1 else { return }
        statusKeptAt = clock.now()
        isKeepingStatus = true
        let status = status()
        lastStatus = status
        Task {
            await records.keep(status)
            isKeepingStatus = false
        }
    }

    /// Where the run stands.
    func status() -> RunStatus {
        let now = clock.now()
        var status = RunStatus(
            run: run, rounds: config.rounds, written: Date(), phase: .model, connected: sessions.count,
            busy: overdue.busy.count { sessions[$0] != nil })
        status.round = open.map { Self.status(of: $0, now: now) }
        if let arrivals {
            status.phase = .workers
            status.needed = arrivals.needed
        } else if let round = open {
            let (phase, end) = Self.phase(round.engine.prospect(now: now))
            status.phase = phase
            status.secondsLeft = end.map { max(0, $0 - now) }
        }
        return status
    }

    private static func phase(_ prospect: RoundEngine.Prospect) -> (RunStatus.Phase, Double?) {
        switch prospect {
        case .everybody(let end): (.everybody, end)
        case .returning(let end): (.returning, end)
        case .quorum(let end): (.quorum, end)
        case .movement(let end): (.movement, end)
        case .nothing: (.model, nil)
        }
    }

    private static func status(of round: OpenRound, now: Double) -> RunStatus.Round {
        var awaited: [RunStatus.Worker] = []
        var refused: [String: String] = [:]
        for (worker, standing) in round.engine.standings {
            let pace = round.engine.paces[worker]
            var entry = RunStatus.Worker(
                name: worker, activity: .training, seconds: pace?.dispatchedAt.map { now - $0 },
                stillSeconds: now - (pace?.movedAt ?? now), share: pace?.share ?? 0, bytes: pace?.bytes ?? 0)
            switch standing {
            case .absent(let since):
                entry.activity = .absent
                entry.seconds = now - since
            case .training: break
            case .storing: entry.activity = .sending
            case .refused(let refusal):
                if refused.count < RunStatus.listed { refused[worker.rawValue] = refusal.message }
                continue
            case .accepted, .declined: continue
            }
            awaited.append(entry)
        }
        awaited.sort { ($1.stillSeconds, $0.name) < ($0.stillSeconds, $1.name) }
        return RunStatus.Round(
            number: round.engine.plan.round.rawValue, attempt: round.attemptOfRound, seconds: now - round.startedAt,
            participants: round.engine.plan.assignments.count, accepted: round.ledger.accepted.count,
            folded: round.ledger.folded.count, wanted: round.engine.plan.wantedCount, quorum: round.engine.plan.quorum,
            refused: refused, awaited: Array(awaited.prefix(RunStatus.listed)), awaitedCount: awaited.count)
    }
}
