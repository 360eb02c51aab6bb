// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Testing

@Suite struct OverdueAssignmentsTests {
    /// A plan of a round and a record of which of its workers were accepted and late.
    static func round(
        _ round: Int, workers: [WorkerID], accepted: [WorkerID], late: [WorkerID], folded: [(Int, WorkerID)] = []
    ) throws -> (plan: RoundPlan, record: RoundRecord) {
        var plan = try RoundEngineTests.plan(workers: 4, quorum: 1)
        plan.round = RoundID(round)
        plan.assignments = plan.assignments.filter { workers.contains($0.worker) }
        for index in plan.assignments.indices { plan.assignments[index].round = plan.round }
        func update(_ worker: WorkerID) -> AcceptedUpdate {
            AcceptedUpdate(
                worker: worker, exampleCount: 1, payloadBytes: 1,
                metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0))
        }
        return (
            plan,
            RoundRecord(
                round: plan.round, version: ModelVersion(round), participants: workers,
                accepted: accepted.map(update),
                folded: folded.map { FoldedUpdate(round: RoundID($0.0), update: update($0.1)) },
                late: late.map { LateWorker(worker: $0, seconds: 1) }, uplinkBytes: 0, downlinkBytes: 0,
                modelsSent: 0, seconds: 1, modelSHA256: "")
        )
    }

    @Test func nothingIsOverdueWhereLateUpdatesAreRefused() throws {
        let names = try RoundEngineTests.names(2)
        var overdue = OverdueAssignments(staleness: 0)
        let first = try Self.round(1, workers: names, accepted: [names[0]], late: [names[1]])
        #expect(overdue.committed(first.plan, first.record).isEmpty)
        #expect(overdue.assignments.isEmpty && overdue.busy.isEmpty)
    }

    @Test func aLateWorkerIsBusyUntilItsUpdateIsFolded() throws {
        let names = try RoundEngineTests.names(3)
        var overdue = OverdueAssignments(staleness: 5)
        let first = try Self.round(1, workers: names, accepted: [names[0]], late: [names[1]])
        overdue.committed(first.plan, first.record)
        #expect(overdue.busy == [names[1]], "a lost worker is not at work")
        #expect(overdue.assignments.map(\.worker) == [names[1], names[2]])
        let second = try Self.round(
            2, workers: [names[0]], accepted: [names[0]], late: [], folded: [(1, names[1])])
        overdue.committed(second.plan, second.record)
        #expect(overdue.busy.isEmpty)
        #expect(overdue.assignments.map(\.worker) == [names[2]])
    }

    @Test func whatIsTooStaleIsGivenUp() throws {
        let names = try RoundEngineTests.names(2)
        var overdue = OverdueAssignments(staleness: 2)
        let first = try Self.round(1, workers: names, accepted: [names[0]], late: [names[1]])
        #expect(overdue.committed(first.plan, first.record).isEmpty)
        for number in 2...3 {
            let next = try Self.round(number, workers: [names[0]], accepted: [names[0]], late: [])
            let expired = overdue.committed(next.plan, next.record).map(\.worker)
            #expect(expired == (number == 3 ? [names[1]] : []))
        }
        #expect(overdue.round(of: names[1]) == nil)
    }

    @Test func everybodyCanBeReleased() throws {
        let names = try RoundEngineTests.names(2)
        var overdue = OverdueAssignments(staleness: 1)
        let first = try Self.round(1, workers: names, accepted: [], late: names)
        overdue.committed(first.plan, first.record)
        #expect(overdue.release().map(\.worker) == names)
        #expect(overdue.busy.isEmpty)
        #expect(overdue.round(of: names[0]) == RoundID(1), "its update is taken nevertheless")
        overdue.declined(names[0], round: RoundID(1))
        #expect(overdue.round(of: names[0]) == nil)
    }
}
