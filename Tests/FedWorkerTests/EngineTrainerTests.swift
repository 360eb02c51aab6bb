// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import FedWorker
import Testing

@Suite struct EngineTrainerTests {
    static let digits = ExampleShape(channels: 1, height: 8, width: 8, classes: 10)

    static func run(
        dataset: String = "digits", hidden: [Int] = [4], partition: PartitionSpec = .iid, fraction: Double = 1,
        examples: ExampleShape? = digits, layout: ModelLayout? = nil, seed: UInt64 = 1
    ) throws -> RunDescription {
        let model = ModelSpec(architecture: "mlp", hidden: hidden)
        let input = InputShape(channels: 1, height: 8, width: 8)
        return RunDescription(
            run: try RunID("run"), model: model,
            layout: try layout ?? ModelZoo.layout(model, input: input, classes: 10),
            dataset: dataset, partition: partition, fraction: fraction, examples: examples, seed: seed, rounds: 1)
    }

    static func trainer(shard: String? = nil) throws -> EngineTrainer {
        try EngineTrainer(
            data: WorkerData(parsing: [], shard: shard.map { text throws in try WorkerData.Shard(parsing: text) }))
    }

    static func outcome(of trainer: EngineTrainer, in run: RunDescription) throws -> TrainingOutcome {
        let assignment = WorkerAssignment(
            worker: try WorkerID("w"), run: run.run, round: RoundID(1), baseVersion: ModelVersion(0),
            training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), codec: CodecID("dense-float32"),
            seed: 3, deadlineSeconds: 60)
        var generator = SeededGenerator(key: 4)
        let model = try ParameterVector(
            layout: run.layout, values: (0..<run.layout.count).map { _ in generator.nextUnitFloat() - 0.5 })
        return try trainer.train(
            assignment, in: run, model: model, optimizerState: nil, own: [], adversarialStatistics: nil,
            progress: { _ in }, shouldStop: { false })
    }

    @Test(
        arguments: [
            (nil, 1.0, 1442), ("1/1", 1.0, 1442), ("2/4", 1.0, 361), (nil, 0.5, 721), ("2/4", 0.1, 36),
            ("2/4", 0.0001, 1),
        ] as [(String?, Double, Int)])
    func trainsOnItsOwnPartOnly(_ shard: String?, _ fraction: Double, _ expected: Int) throws {
        let trainer = try Self.trainer(shard: shard)
        let run = try Self.run(fraction: fraction)
        try trainer.prepare(for: run)
        #expect(try Self.outcome(of: trainer, in: run).exampleCount == expected)
    }

    @Test func preparingAgainChangesNothing() throws {
        let run = try Self.run(fraction: 0.3)
        let trainer = try Self.trainer(shard: "1/3")
        let first = try Self.outcome(of: trainer, in: run)
        try trainer.prepare(for: try Self.run(partition: .shards(shardsPerWorker: 2)))
        #expect(try Self.outcome(of: trainer, in: try Self.run(hidden: [5])).exampleCount == 480)
        try trainer.prepare(for: run)
        #expect(try Self.outcome(of: trainer, in: run).change == first.change)
        let other = try Self.outcome(of: Self.trainer(shard: "2/3"), in: run)
        #expect(other.change != first.change)
    }

    @Test func examplesOfAnotherShapeAreRefusedWithBothShapes() throws {
        // A perceptron has the same layout for 8x8x1 and 64x1x1: only the shapes tell.
        for shape in [
            ExampleShape(channels: 64, height: 1, width: 1, classes: 10),
            ExampleShape(channels: 1, height: 8, width: 8, classes: 9),
        ] {
            let error = #expect(throws: WorkerError(.unfitData, "")) {
                try Self.trainer().prepare(for: Self.run(examples: shape))
            }
            #expect(error?.message.contains("8x8x1 in 10 classes") == true)
            #expect(error?.message.contains("\(shape)") == true)
        }
    }

    @Test func anotherLayoutIsRefused() throws {
        let input = InputShape(channels: 1, height: 8, width: 8)
        let layout = try ModelZoo.layout(ModelSpec(architecture: "mlp", hidden: [5]), input: input, classes: 10)
        let error = #expect(throws: WorkerError(.unfitData, "")) {
            try Self.trainer().prepare(for: Self.run(examples: nil, layout: layout))
        }
        #expect(error?.message.contains("same version") == true)
    }

    @Test(arguments: [
        (PartitionSpec.groups(by: "writer"), "1/2", "attribute"), (.iid, "1/2000", "1442 examples"),
    ])
    func dataThatCannotBeDividedAreRefused(_ partition: PartitionSpec, _ shard: String, _ says: String) throws {
        let trainer = try Self.trainer(shard: shard)
        let error = #expect(throws: WorkerError(.usage, "")) {
            try trainer.prepare(for: Self.run(partition: partition))
        }
        #expect(error?.message.contains(says) == true)
    }

    @Test func whatAReaderSaysInARoundStaysHere() throws {
        let run = try Self.run(partition: .groups(by: "writer"))
        let error = #expect(throws: WorkerError(.cannotTakeAssignment, "")) {
            try Self.outcome(of: Self.trainer(shard: "1/2"), in: run)
        }
        #expect(error?.message.contains("its data cannot be used") == true)
        #expect(error?.message.contains("attribute") == false)
    }

    @Test func aDataSetWithoutItsPathIsRefused() throws {
        #expect(throws: WorkerError(.usage, "")) { try Self.trainer().prepare(for: Self.run(dataset: "mnist")) }
    }
}
