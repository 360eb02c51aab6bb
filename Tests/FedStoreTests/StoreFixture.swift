// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation

/// Values that the store's tests share.
enum StoreFixture {
    static let now = Date(timeIntervalSince1970: 1_800_000_000.25)

    static func layout() throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "conv1.weight", shape: [2, 3], role: .weight),
            ParameterSpec(name: "conv1.\"b\\ias\"\u{7}\u{e4}", shape: [2], role: .bias),
            ParameterSpec(name: "scalar", shape: [], role: .normScale),
        ])
    }

    static func run(_ name: String = "r1") throws -> NewRun {
        NewRun(id: try RunID(name), name: "A run", seed: .max - 1, configuration: "seed: 1\n# \u{e4}\n")
    }

    static func plan(_ round: Int, workers: [String] = ["a", "b"]) throws -> RoundPlan {
        let assignments = try workers.map { name in
            WorkerAssignment(
                worker: try WorkerID(name), run: try RunID("r1"), round: RoundID(round),
                baseVersion: ModelVersion(round - 1),
                training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)),
                codec: CodecID("dense-float32"),
                seed: .max, deadlineSeconds: 60)
        }
        return RoundPlan(
            round: RoundID(round), baseVersion: ModelVersion(round - 1), assignments: assignments, quorum: 1,
            deadlineSeconds: 60)
    }

    static func record(_ round: Int, loss: Double = 0.5) throws -> RoundRecord {
        RoundRecord(
            round: RoundID(round), version: ModelVersion(round), participants: [try WorkerID("a"), try WorkerID("b")],
            accepted: [
                AcceptedUpdate(
                    worker: try WorkerID("a"), exampleCount: 10, payloadBytes: 400,
                    metrics: TrainingMetrics(loss: loss, accuracy: 0.25, seconds: 1.5))
            ],
            refused: [RefusedUpdate(worker: try WorkerID("b"), reason: "late")],
            evaluation: Evaluation(accuracy: 0.9, loss: loss), uplinkBytes: 400, downlinkBytes: 800, modelsSent: 2,
            verification: CopyChecks(comparisons: 2, repairs: 1), seconds: 2,
            modelSHA256: String(repeating: "ab", count: 32))
    }

    static func update(_ number: Int, round: Int = 1, payloadBytes: Int = 100) throws -> ClientUpdate {
        var generator = SeededGenerator(key: UInt64(number))
        return ClientUpdate(
            worker: try WorkerID("worker-\(number)"), run: try RunID("r1"), round: RoundID(round),
            baseVersion: ModelVersion(round - 1), codec: CodecID("dense-float32"),
            payload: (0..<payloadBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }, exampleCount: number,
            metrics: TrainingMetrics(loss: number == 3 ? .nan : 0.5, accuracy: 0.1, seconds: 0.1))
    }

    static func checkpoint(_ version: Int, run: String = "r1") throws -> Checkpoint {
        let layout = try layout()
        let values = (0..<layout.count).map { Float($0) + Float(version) * 0.5 }
        return Checkpoint(
            run: try RunID(run), version: ModelVersion(version),
            parameters: try ParameterVector(layout: layout, values: values),
            state: ["momentum": [1, 2, .infinity], "empty": [], "a/b": [-0.0]], notes: ["optimizer": "Yogi \"x\"\n"])
    }

    /// All updates of a journal.
    static func updates(_ journal: any RoundJournal) async throws -> [ClientUpdate] {
        let cursor = try await journal.cursor()
        var updates: [ClientUpdate] = []
        while let update = try await cursor.next() { updates.append(update) }
        return updates
    }
}
