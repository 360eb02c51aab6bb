// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import FedWorker
import Testing

/// Workers of a run whose network has narrower ones in it.
@Suite struct NestedWidthTests {
    static func run(_ levels: [Int] = [1, 2, 4], seed: UInt64 = 1) throws -> RunDescription {
        var run = try EngineTrainerTests.run(hidden: [8, 8])
        run.model.levels = try levels.map { try WidthRatio($0, 4) }
        run.levels = try ModelZoo.levels(
            of: run.model, input: InputShape(channels: 1, height: 8, width: 8), classes: 10)
        return run
    }

    static func assignment(_ scope: UpdateScope, in run: RunDescription) throws -> WorkerAssignment {
        WorkerAssignment(
            worker: try WorkerID("w"), run: run.run, round: RoundID(1), baseVersion: ModelVersion(0),
            training: LocalTrainingSpec(steps: 2, optimizer: OptimizerSpec(learningRate: 0.1)), scope: scope,
            codec: CodecID("dense-float32"), seed: 3, deadlineSeconds: 60)
    }

    /// The engine trains any level, one after the other, and changes nothing else of the network.
    @Test func theEngineTrainsTheLevelThatItIsAskedFor() throws {
        let run = try Self.run()
        let trainer = try EngineTrainerTests.trainer()
        try trainer.prepare(for: run)
        var generator = SeededGenerator(key: 4)
        let model = try ParameterVector(
            layout: run.layout, values: (0..<run.layout.count).map { _ in generator.nextUnitFloat() - 0.5 })
        for level in run.levels.reversed() {
            let assignment = try Self.assignment(.nested(level.width), in: run)
            func change() throws -> ParameterVector {
                try trainer.train(
                    assignment, in: run, model: model, optimizerState: nil, own: [], adversarialStatistics: nil,
                    progress: { _ in },
                    shouldStop: { false }
                ).change
            }
            let first = try change()
            var inside = [Float](repeating: 0, count: run.layout.count)
            level.slice.scatter(level.slice.gathered(from: first.values), into: &inside)
            #expect(first.values == inside && first.values.contains { $0 != 0 })
            #expect(try change() == first)
        }
    }

    @Test func aRunOfOtherLevelsIsRefused() throws {
        var other = try Self.run()
        other.levels[0] = try NestedLevel(
            width: other.levels[0].width, layout: other.levels[1].slice.layout, of: other.layout)
        #expect(throws: WorkerError.self) { try EngineTrainerTests.trainer().prepare(for: other) }
    }

    /// Multiplications grow with the square of the width, and narrower networks are trained, too: 1, 5 and 21 sixteenths.
    @Test(arguments: [
        (1, 1.0, 1.9, 1), (1, 1.0, 2.0, 1), (1, 1.0, 9.9, 1), (1, 1.0, 10, 2), (1, 1.0, 42, 4), (4, 21.0, 41.9, 2),
        (4, 21.0, 42, 4), (2, 5.0, 1, 1),
    ])
    func aMeasuredBudgetIsTheWidestInHalfOfTheTime(
        _ trained: Int, _ seconds: Double, _ deadline: Double, _ expected: Int
    ) throws {
        let model = try Self.run().model
        let found = TrainingBudget.affordable(
            after: seconds, trained: .nested(try WidthRatio(trained, 4)), of: model, deadlineSeconds: deadline)
        #expect(found == (try WidthRatio(expected, 4)))
        #expect(
            TrainingBudget.affordable(after: 0, trained: .nested(.full), of: model, deadlineSeconds: deadline) == nil)
    }

    /// What the trained level holds already does not have to be free, and half of what is free stays so.
    @Test(arguments: [(0, 1), (99, 1), (100, 2), (599, 2), (600, 4), (Int.max, 4)])
    func aMeasuredBudgetLeavesHalfOfTheFreeMemory(_ free: Int, _ expected: Int) throws {
        let model = try Self.run().model
        let bytes = Dictionary(uniqueKeysWithValues: zip(model.levels, [50, 100, 350]))
        let found = TrainingBudget.affordable(
            after: 1, trained: .nested(try WidthRatio(1, 4)), of: model, deadlineSeconds: 1000, freeBytes: free,
            bytes: { bytes[$0] })
        #expect(found == (try WidthRatio(expected, 4)))
    }
}
