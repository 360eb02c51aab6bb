// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import FedWire
import Foundation
import Testing

/// Rounds whose updates are read back from the journal.
extension CoordinatorTests {
    static let aggregators: [AggregatorSpec] =
        AggregatorSpec.Name.allCases.map { AggregatorSpec(name: $0) } + [AggregatorSpec(name: .trimmedMean, trim: 0.4)]

    /// Five workers of which the last sends something else altogether.
    private static func five(_ order: [Int] = [0, 1, 2, 3, 4]) throws -> [FakeWorker] {
        try order.enumerated().map { position, number in
            FakeWorker(name: try WorkerID("w\(number)")) { _, model in
                try? await Task.sleep(for: .milliseconds(15 * position))
                let value = number == 4 ? 1000 : Float(number + 1)
                return FakeWorker.Answer(change: model.map { value - $0 / 8 }, exampleCount: 10 * (number + 1))
            }
        }
    }

    private static func config(_ aggregator: AggregatorSpec, codec: String = "dense-float32") throws -> RunConfig {
        var config = try config(rounds: 2, workers: 5, quorum: 0.8, codec: codec)
        config.strategy = StrategySpec(aggregator: aggregator)
        return try config.validated(for: RunFileTests.vocabulary)
    }

    @Test func theMedianIsThatOfTheStoredUpdates() async throws {
        var config = try Self.config(AggregatorSpec(name: .median))
        config.rounds = 1
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        let (report, verdicts) = try await Self.run(federation, try Self.five())
        #expect(report.final.loss == 3)
        #expect(report.rounds[0].accepted == 5)
        #expect(verdicts.allSatisfy { $0 == [.accepted] })
    }

    @Test(arguments: aggregators.filter { $0.name != .bulyan }, ["dense-float32", "ternary"])
    func theOrderOfArrivalDoesNotChangeABit(_ aggregator: AggregatorSpec, _ codec: String) async throws {
        var hashes: Set<String> = []
        for order in [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]] {
            let federation = try await Self.federation(Self.config(aggregator, codec: codec))
            defer { try? FileManager.default.removeItem(at: federation.folder) }
            hashes.insert(try await Self.run(federation, try Self.five(order)).0.modelSHA256)
        }
        #expect(hashes.count == 1)
    }

    /// Krum needs five of the five updates, and one of them cannot be used.
    @Test func tooFewUpdatesForTheAggregatorMakeNoModel() async throws {
        var config = try Self.config(AggregatorSpec(name: .krum, attackers: 1))
        config.cohort.quorum = 0.2
        let federation = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: federation.folder) }
        var workers = try Self.five()
        workers[4] = FakeWorker(name: workers[4].name) { _, _ in FakeWorker.Answer(change: [1e9, 0, 0, 0]) }
        let hostile = workers
        let error = await #expect(throws: CoordinatorError(.quorumNotReached, "")) {
            try await Self.run(federation, hostile)
        }
        #expect(error?.message.contains("4 of the 5 updates it needs") == true)
    }
}
