// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCoordinator
import FedCore
import FedStore
import Foundation

/// What `run why` says of a run.
struct RunWhy: Encodable {
    let run: String
    let state: String
    let committedRounds: Int
    /// Whether a coordinator serves the federation now.
    let isServed: Bool
    /// How the run, or its last round, ended, and why; one sentence each.
    let past: [String]
    /// Where the run stands, as the coordinator last said; nil where none serves it.
    let status: RunStatus?
    /// Seconds since it said so.
    let age: Double?
    /// What happens next.
    let next: String

    init(_ stored: StoredRun, rounds: [StoredRound], status: RunStatus?, isServed: Bool, now: Date) {
        run = stored.id.rawValue
        state = stored.state.rawValue
        let records = rounds.compactMap(\.record)
        committedRounds = records.count
        self.isServed = isServed
        self.status = status
        age = status.map { max(0, now.timeIntervalSince($0.written)) }
        var past: [String] = []
        if let failure = stored.failure { past.append("it failed: \(failure)") }
        if let last = records.last { past.append(Self.sentence(last)) }
        if status == nil, let open = rounds.last, open.state == .planned {
            past.append(
                "round \(open.round) is open, attempt \(open.attempt)"
                    + (open.reason.map { "; the attempt before: \($0)" } ?? ""))
        }
        self.past = past
        if stored.state.isFinal {
            next = "nothing: the run is over"
        } else if let status, let age {
            next = status.next(age: age)
        } else if isServed {
            next = "a coordinator serves this federation and has not said anything of this run yet"
        } else {
            next = "nothing: no coordinator serves it; serve the same run file and it goes on"
        }
    }

    /// As in `round 3 made a model of 3 of 4 updates, 1 late: w4; 1 refused: w2 (…)`.
    private static func sentence(_ record: RoundRecord) -> String {
        var parts = [
            "round \(record.round) made a model of the updates of \(record.accepted.count) of "
                + "\(record.participants.count) workers"
        ]
        if !record.folded.isEmpty {
            parts.append(
                "and of late ones: "
                    + record.folded.map { "\($0.update.worker) (round \($0.round))" }.joined(separator: ", "))
        }
        if !record.late.isEmpty {
            parts.append(
                "without "
                    + record.late.map { "\($0.worker) (at it for \(RunStatus.seconds($0.seconds)))" }
                    .joined(separator: ", "))
        }
        for refused in record.refused { parts.append("\(refused.worker) was refused: \(refused.reason)") }
        return parts.joined(separator: "; ")
    }

    /// For people.
    var text: String {
        var lines = ["run \(run) | \(state) | \(committedRounds) rounds"]
        lines += past.map { "  " + $0 }
        if let status, let age {
            if let round = status.round {
                let attempt = round.attempt > 1 ? ", attempt \(round.attempt)" : ""
                let folded = round.folded > 0 ? " and \(round.folded) of earlier rounds" : ""
                lines.append(
                    "  round \(round.number) of \(status.rounds)\(attempt), for \(RunStatus.seconds(round.seconds + age)): "
                        + "\(round.accepted) of \(round.participants) updates are in\(folded)")
                lines += round.refused.sorted { $0.key < $1.key }.map { "    \($0.key)  refused: \($0.value)" }
                lines += round.awaited.map { "    \($0.name)  \($0.sentence(age: age))" }
                if round.awaitedCount > round.awaited.count {
                    lines.append("    and \(round.awaitedCount - round.awaited.count) more")
                }
            }
            let busy = status.busy > 0 ? ", \(status.busy) of them still at an earlier round" : ""
            lines.append("  \(status.connected) workers are connected\(busy)")
            lines.append("  as of \(RunStatus.seconds(age)) ago")
        }
        lines.append("  next: \(next)")
        return lines.joined(separator: "\n")
    }

    /// For programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
