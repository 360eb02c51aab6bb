// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Testing

@Suite struct ArrivalHistoryTests {
    static func record(_ round: Int, arrivals: [Double], late: [Double] = []) throws -> RoundRecord {
        let accepted = try arrivals.enumerated().map { index, seconds in
            AcceptedUpdate(
                worker: try WorkerID("w\(index)"), exampleCount: 1, payloadBytes: 1,
                metrics: TrainingMetrics(loss: 0, accuracy: 0, seconds: 0), arrivalSeconds: seconds)
        }
        return RoundRecord(
            round: RoundID(round), version: ModelVersion(round), participants: accepted.map(\.worker),
            accepted: accepted, late: try late.map { LateWorker(worker: try WorkerID("late"), seconds: $0) },
            uplinkBytes: 0, downlinkBytes: 0, modelsSent: 0, seconds: 1, modelSHA256: "")
    }

    @Test func withoutHistoryTheFirstDeadlineStands() throws {
        #expect(ArrivalHistory().deadlineSeconds == 600)
        #expect(ArrivalHistory([try Self.record(1, arrivals: [1, 2, 3])]).deadlineSeconds == 600)
    }

    /// The median of 20, 30, 40, 50 is 35, and their deviations' is 10.
    @Test func theDeadlineIsTheMedianAndSixDeviations() throws {
        #expect(ArrivalHistory([try Self.record(1, arrivals: [20, 50, 30, 40])]).deadlineSeconds == 95)
    }

    @Test func equalWorkersHaveTwiceTheirTimeAndNoLessThanTenSeconds() throws {
        #expect(ArrivalHistory([try Self.record(1, arrivals: [30, 30, 30, 30])]).deadlineSeconds == 60)
        #expect(ArrivalHistory([try Self.record(1, arrivals: [0.1, 0.1, 0.1, 0.1])]).deadlineSeconds == 10)
        #expect(ArrivalHistory([try Self.record(1, arrivals: [9e9, 9e9, 9e9, 9e9])]).deadlineSeconds == 86_400)
    }

    /// Those who do not come in time must not make the deadline shorter and shorter.
    @Test func lateWorkersCountWithTheirRoundsLength() throws {
        var history = ArrivalHistory()
        for round in 1...3 { history.add(try Self.record(round, arrivals: [20, 20], late: [100, 100, 100])) }
        #expect(history.deadlineSeconds == 200)
    }

    @Test func oldRoundsAreForgotten() throws {
        var history = ArrivalHistory()
        for round in 1...40 { history.add(try Self.record(round, arrivals: [100, 100, 100, 100])) }
        for round in 41...56 { history.add(try Self.record(round, arrivals: [20, 20, 20, 20])) }
        #expect(history.deadlineSeconds == 40)
        #expect(ArrivalHistory.retryDeadline(after: 40) == 80)
        #expect(ArrivalHistory.retryDeadline(after: 80_000) == 86_400)
    }
}
