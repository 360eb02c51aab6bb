// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Foundation
import Testing

extension CoordinatorTests {
    /// A disk that is full at every first attempt holds a run up, and changes nothing else.
    @Test func aFullDiskIsWaitedFor() async throws {
        var config = try Self.config(rounds: 3, workers: 2)
        config.strategy.optimizer = ServerOptimizerSpec(name: .adam, learningRate: 0.1)
        let workers = [
            try Self.worker("a", adding: [1, 0.5, 0, -1], examples: 30),
            try Self.worker("b", adding: [0, 1, 0.25, -4], examples: 10),
        ]
        let plain = try await Self.federation(config)
        defer { try? FileManager.default.removeItem(at: plain.folder) }
        let (expected, _) = try await Self.run(plain, workers)

        let layout = try #require(Self.layout)
        let store = FullDiskStore(MemoryRunStore())
        let events = EventLog()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var settings = Coordinator.Settings()
        settings.roomInterval = 0.01
        settings.helloSeconds = 120
        settings.heartbeatSeconds = 20
        let coordinator = try Coordinator(
            config: config,
            model: CentralModel(
                layout: layout, initialParameters: { _ in ParameterVector(zeros: layout) }, evaluate: nil),
            records: try await RunRecords(for: config, in: store, directory: folder), settings: settings,
            observe: events.add)
        let (report, verdicts) = try await Self.run(
            Federation(coordinator: coordinator, store: store.base, events: events, folder: folder), workers)
        #expect(report.modelSHA256 == expected.modelSHA256)
        #expect(verdicts == [[.accepted, .accepted, .accepted], [.accepted, .accepted, .accepted]])
        // Four checkpoints, three plans, journals and records, six updates, the end.
        #expect(store.refusals == 4 + 3 * 3 + 6 + 1)
        let waits = events.all.count { if case .diskFull = $0 { true } else { false } }
        let ends = events.all.count { if case .diskHasRoom = $0 { true } else { false } }
        #expect(waits == ends && (14...20).contains(waits), "\(waits) and \(ends)")
        #expect(!events.all.contains { if case .roundShort = $0 { true } else { false } })
    }
}
