// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation
import Testing

/// Losses of whole trainings, committed: what changes them changes what users get.
///
/// Two trainings in one process have the same bits. Matrix products differ in their last bits between processors, so the
/// committed curves hold to 1e-4 only. `FED_WRITE_GOLDEN=1 swift test --filter GoldenCurveTests` writes them anew.
@Suite struct GoldenCurveTests {
    private static let file = "loss-curves.json"
    private static let rounds = 8

    private static let trainings: [(name: String, spec: LocalTrainingSpec)] = [
        (
            "sgd nesterov, cosine, label smoothing",
            LocalTrainingSpec(
                batchSize: 10,
                optimizer: OptimizerSpec(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4),
                schedule: ScheduleSpec(.cosine(minimum: 0), warmup: 2),
                objective: [.crossEntropy(labelSmoothing: 0.1)])
        ),
        (
            "adamw, clipped, proximal",
            LocalTrainingSpec(
                optimizer: OptimizerSpec(name: .adamw, learningRate: 5e-3, weightDecay: 0.01), clipNorm: 1,
                objective: [.crossEntropy(), .proximal(mu: 0.01)])
        ),
        (
            "qhm, SmoothOut, multi-step",
            LocalTrainingSpec(
                optimizer: OptimizerSpec(name: .qhm, learningRate: 1),
                schedule: ScheduleSpec(.multiStep(milestones: [4], factor: 0.1)),
                smoothOut: SmoothOutSpec(range: 0.006))
        ),
        (
            "adagrad, augmented, polynomial",
            LocalTrainingSpec(
                epochs: 2, batchSize: 10, optimizer: OptimizerSpec(name: .adagrad, learningRate: 0.05),
                schedule: ScheduleSpec(.polynomial(power: 0.5, end: 0)),
                augmentation: AugmentationSpec(cropPadding: 1, horizontalFlip: true))
        ),
        (
            "rmsprop, masked",
            LocalTrainingSpec(
                batchSize: 10, optimizer: OptimizerSpec(name: .rmsprop, learningRate: 1e-3, momentum: 0.5),
                objective: [.crossEntropy(masked: true)])
        ),
    ]

    /// The loss of each of some rounds of one worker.
    private static func curve(_ spec: LocalTrainingSpec) throws -> [Double] {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<200))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp", hidden: [32]), input: data.input, classes: 10, maximumBatch: 32)
        let generator = SeededGenerator(key: 1)
        network.initialize(using: generator.stream("model"))
        return try (0..<rounds).map { round in
            try LocalTraining.train(
                network: network, base: network.parameters(), data: data, spec: spec,
                rateScale: spec.schedule.scale(round, of: rounds),
                generator: generator.stream("round", UInt64(round))
            ).metrics.loss
        }
    }

    @Test func curvesAreThoseThatWereCommitted() throws {
        var curves: [String: [Double]] = [:]
        for (name, spec) in Self.trainings {
            let curve = try Self.curve(spec)
            let again = try Self.curve(spec)
            #expect(curve.map(\.bitPattern) == again.map(\.bitPattern), "\(name)")
            #expect(curve[Self.rounds - 1] < 0.7 * curve[0], "\(name)")
            curves[name] = curve
        }
        if ProcessInfo.processInfo.environment["FED_WRITE_GOLDEN"] != nil {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(curves).write(to: GoldenFile.url(Self.file))
        }
        let golden = try GoldenFile.read([String: [Double]].self, Self.file)
        #expect(golden.count == curves.count)
        for (name, curve) in curves {
            let expected = try #require(golden[name])
            #expect(expected.count == curve.count)
            for (round, (loss, committed)) in zip(curve, expected).enumerated() {
                #expect(abs(loss - committed) <= 1e-4 * committed, "\(name), round \(round): \(loss) not \(committed)")
            }
        }
    }
}
