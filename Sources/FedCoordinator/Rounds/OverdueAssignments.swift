// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore

/// The assignments of closed rounds whose updates may still go into a later one.
///
/// A value made of plans and records alone, so that a restarted coordinator derives the same.
package struct OverdueAssignments: Equatable, Sendable {
    private struct Entry: Equatable, Sendable {
        var assignment: WorkerAssignment
        /// The worker was at work when its round closed, and is left alone.
        var isBusy: Bool
    }

    private let staleness: Int
    private var entries: [WorkerID: Entry] = [:]

    /// Nothing is overdue; updates may come `staleness` rounds late, 0 for never.
    package init(staleness: Int) {
        precondition(staleness >= 0, "an update is not early")
        self.staleness = staleness
    }

    /// The assignments that are overdue, ordered by worker.
    package var assignments: [WorkerAssignment] {
        entries.values.map(\.assignment).sorted { $0.worker < $1.worker }
    }

    /// The workers that are still at an earlier round.
    package var busy: Set<WorkerID> { Set(entries.filter(\.value.isBusy).keys) }

    /// Which round a worker may still send an update of.
    package func round(of worker: WorkerID) -> RoundID? { entries[worker]?.assignment.round }

    /// Goes on with the next committed round; returns the assignments that nobody waits for any more.
    @discardableResult
    package mutating func committed(_ plan: RoundPlan, _ record: RoundRecord) -> [WorkerAssignment] {
        guard staleness > 0 else { return [] }
        for folded in record.folded { entries[folded.update.worker] = nil }
        let late = Set(record.late.map(\.worker))
        let settled = Set(record.accepted.map(\.worker) + record.refused.map(\.worker))
        for worker in settled { entries[worker] = nil }
        for assignment in plan.assignments where !settled.contains(assignment.worker) {
            entries[assignment.worker] = Entry(assignment: assignment, isBusy: late.contains(assignment.worker))
        }
        let expired = entries.values.filter { $0.assignment.round.rawValue + staleness <= record.round.rawValue }
        for entry in expired { entries[entry.assignment.worker] = nil }
        return expired.filter(\.isBusy).map(\.assignment).sorted { $0.worker < $1.worker }
    }

    /// Those of the connected workers that can be asked: all that are not at an earlier round still. If all are, everybody is,
    /// and `left` are the assignments that they are to leave.
    package mutating func available(among connected: [WorkerID]) -> (workers: [WorkerID], left: [WorkerAssignment]) {
        let busy = busy
        let available = connected.filter { !busy.contains($0) }
        return available.isEmpty ? (connected, release()) : (available, [])
    }

    /// A worker says that it will not send its update.
    package mutating func declined(_ worker: WorkerID, round: RoundID) {
        if entries[worker]?.assignment.round == round { entries[worker] = nil }
    }

    /// Everybody may be given a new assignment; returns the assignments of those that were still at it. Their updates are taken
    /// nevertheless if they come.
    package mutating func release() -> [WorkerAssignment] {
        let busy = assignments.filter { entries[$0.worker]?.isBusy == true }
        for assignment in busy { entries[assignment.worker]?.isBusy = false }
        return busy
    }
}
