// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import FedWire

/// What becomes of updates. Those of an earlier round are told apart by their round.
extension RoundEngine {
    /// A worker offers an update for `round` made from `baseVersion` with `codec`, of `exampleCount` examples.
    package mutating func offered(
        by worker: WorkerID, round: RoundID, baseVersion: ModelVersion, scope: UpdateScope, codec: CodecID,
        exampleCount: Int, maximumExamples: Int, now: Double
    ) -> Verdict {
        let wanted: WorkerAssignment
        let standing: Standing
        if round == plan.round {
            guard let assignment = assignment(of: worker), let own = standings[worker] else {
                return .refuse(.init(.notAssigned, "worker \(worker) was not chosen for round \(round)"))
            }
            (wanted, standing) = (assignment, own)
        } else {
            guard let entry = overdue[worker], entry.assignment.round == round else {
                return .refuse(.init(.wrongRound, "round \(round) is not open; the open round is \(plan.round)"))
            }
            (wanted, standing) = (entry.assignment, entry.standing)
        }
        switch standing {
        case .accepted: return .alreadyAccepted
        case .refused(let refusal): return .refuse(refusal)
        case .storing: return .refuse(.init(.unavailable, "another update for this round is being received"))
        case .declined: return .refuse(.init(.notAssigned, "worker \(worker) declined this round"))
        case .absent, .training: break
        }
        guard closedAt == nil else {
            // What is overdue anyway may still go into the next round.
            return round == plan.round && late == .refuse
                ? .refuse(.init(.late, "round \(round) is closed"))
                : .refuse(.init(.unavailable, "round \(plan.round) is closed, and the next one has not begun"))
        }
        if let refusal = Self.mismatch(
            with: wanted, baseVersion: baseVersion, scope: scope, codec: codec, exampleCount: exampleCount,
            maximumExamples: maximumExamples)
        {
            return .refuse(refusal)
        }
        set(worker, round, .storing)
        if round == plan.round {
            paces[worker]?.bytes = 0
            paces[worker]?.movedAt = now
        }
        return .receive
    }

    private static func mismatch(
        with assignment: WorkerAssignment, baseVersion: ModelVersion, scope: UpdateScope, codec: CodecID,
        exampleCount: Int, maximumExamples: Int
    ) -> UpdateRefusal? {
        if baseVersion != assignment.baseVersion {
            return .init(
                .wrongModelVersion,
                "the update starts from model \(baseVersion), the round from \(assignment.baseVersion)")
        }
        if scope != assignment.scope {
            return .init(
                .wrongScope, "the update covers \(scope), the assignment \(assignment.scope)")
        }
        if codec != assignment.codec {
            return .init(.wrongCodec, "the codec is \(codec), the assignment says \(assignment.codec)")
        }
        if exampleCount < 1 || exampleCount > maximumExamples {
            return .init(
                .badExampleCount, "the example count \(exampleCount) is not in 1...\(maximumExamples)")
        }
        return nil
    }

    /// The update that `offered` let in could not be received because the connection went away.
    package mutating func receiveFailed(_ worker: WorkerID, round: RoundID? = nil, now: Double) -> [Action] {
        guard closedAt == nil, standing(of: worker, round) == .storing else { return [] }
        set(worker, round, isOverdue(round) ? .training : .absent(since: now))
        return conclude(now: now)
    }

    /// Whether an update of this worker that is on disk counts: it was not counted before, and nothing speaks against it.
    package func counts(_ worker: WorkerID, round: RoundID? = nil) -> Bool {
        guard closedAt == nil else { return false }
        return switch standing(of: worker, round) {
        case .storing, .training, .absent: true
        case .accepted, .refused, .declined, nil: false
        }
    }

    /// An update that `counts` is on disk and in the sum.
    package mutating func stored(_ worker: WorkerID, round: RoundID? = nil, now: Double) -> [Action] {
        precondition(counts(worker, round: round), "only an update that counts is added")
        set(worker, round, .accepted)
        if !isOverdue(round) { paces[worker]?.storedAt = now }
        return conclude(now: now)
    }

    /// A worker's update is refused: it cannot be decoded, or its values cannot be used.
    package mutating func refused(
        _ worker: WorkerID, round: RoundID? = nil, _ refusal: UpdateRefusal, now: Double
    ) -> [Action] {
        let standing = standing(of: worker, round)
        guard closedAt == nil, standing != nil, standing != .accepted else { return [] }
        set(worker, round, .refused(refusal))
        return conclude(now: now)
    }

    private func isOverdue(_ round: RoundID?) -> Bool { round.map { $0 != plan.round } ?? false }

    /// Where a worker stands with its update of a round, by default of this one; nil where none is wanted.
    private func standing(of worker: WorkerID, _ round: RoundID?) -> Standing? {
        guard let round, round != plan.round else { return standings[worker] }
        return overdue[worker].flatMap { $0.assignment.round == round ? $0.standing : nil }
    }

    private mutating func set(_ worker: WorkerID, _ round: RoundID?, _ standing: Standing) {
        if isOverdue(round) { overdue[worker]?.standing = standing } else { move(worker, to: standing) }
    }
}
