// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// A coordinator whose disk is full waits, says so, loses nothing, and goes on when there is room.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(
        if: TestFederation.canMount, "mounting a small disk (tmpfs) needs root: run the tests as root to include this"))
struct FullDiskEndToEndTests {
    @Test func aRunOnADiskThatFillsUpMakesTheSameModel() async throws {
        let overrides = [
            "rounds=6", "training.epochs=150", "cohort.minimumWorkers=2", "cohort.quorum=1.0",
            "uplink.codec=dense-float32", "strategy.optimizer={name: adam, learningRate: 0.02}",
        ]
        var models: Set<String> = []
        for isFilled in [false, true] {
            let federation = try await TestFederation(diskSize: isFilled ? "6m" : nil)
            let coordinator = try await federation.serve(overrides)
            let workers = [
                try await federation.joinNew("w1", shard: "1/2"), try await federation.joinNew("w2", shard: "2/2"),
            ]
            // With more and more room left, so that it is another file that does not fit; a model has 69 KB, twice as much
            // is remembered beside it.
            for (round, room) in [0, 10_000, 80_000, 220_000].enumerated() where isFilled {
                try await coordinator.waitForLine(containing: "round \(round + 1)/6")
                try await fillUp(federation, leaving: room, until: coordinator, isBehind: round + 1)
            }
            #expect(try await coordinator.waitForExit(seconds: 120) == 0, "\(coordinator.output)")
            for (index, worker) in workers.enumerated() {
                #expect(try await worker.waitForExit() == 0, "\(worker.output)")
                for round in 1...6 {
                    let trainings = worker.lines.count { $0.hasPrefix("round \(round) | trained") }
                    #expect(trainings == 1, "worker \(index + 1), round \(round): \(worker.output)")
                }
            }
            if isFilled {
                let waits = coordinator.lines.count {
                    $0.contains("waiting for room on the disk: no space is left for")
                }
                let ends = coordinator.lines.count { $0.contains("there is room on the disk again") }
                #expect(waits >= 1 && waits == ends, "\(coordinator.output)")
            }
            models.insert(
                try #require(
                    coordinator.lines.first { $0.contains("SHA-256") }?.split(separator: " ").last.map(String.init)))
        }
        #expect(models.count == 1)
    }

    /// Leaves so many bytes on the federation's disk until the coordinator has noticed, or has done another round all the same,
    /// and a little longer; then makes room.
    private func fillUp(
        _ federation: TestFederation, leaving room: Int, until coordinator: Program, isBehind round: Int
    ) async throws {
        func waits() -> Int { coordinator.lines.count { $0.contains("waiting for room") } }
        let before = waits()
        let ballast = try #require(federation.disk) + "/ballast"
        let file = open(ballast, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(file >= 0)
        for size in [1 << 16, 1 << 12, 1] {
            let chunk = [UInt8](repeating: 1, count: size)
            while write(file, chunk, size) == size {}
        }
        let size = lseek(file, 0, SEEK_END)
        try #require(ftruncate(file, max(0, size - off_t(room))) == 0)
        close(file)
        for _ in 0..<1500 {
            if waits() > before || coordinator.lines.contains(where: { $0.contains("round \(round + 1)/6") }) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await Task.sleep(for: .milliseconds(300))
        try FileManager.default.removeItem(atPath: ballast)
    }
}
