// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWorker
import Testing

@Suite struct EngineTrainerScheduleTests {
    /// One step of plain descent from the same model on the same examples, in a round of a run of four.
    private static func change(round: Int, schedule: ScheduleSpec) throws -> [Float] {
        let layout = try ModelLayout([
            ParameterSpec(name: "fc1.weight", shape: [10, 64], role: .weight),
            ParameterSpec(name: "fc1.bias", shape: [10], role: .bias),
        ])
        let run = RunDescription(
            run: try RunID("run"), model: ModelSpec(architecture: "mlp", hidden: []), layout: layout, dataset: "digits",
            partition: .iid, seed: 1, rounds: 4)
        let assignment = WorkerAssignment(
            worker: try WorkerID("w"), run: run.run, round: RoundID(round), baseVersion: ModelVersion(0),
            training: LocalTrainingSpec(
                steps: 1, optimizer: OptimizerSpec(learningRate: 0.5), schedule: schedule),
            codec: CodecID("dense-float32"), seed: 3, deadlineSeconds: 60)
        let trainer = try EngineTrainer(data: WorkerData(parsing: [], shard: nil))
        let model = try ParameterVector(layout: layout, values: [Float](repeating: 0, count: layout.count))
        return try trainer.train(
            assignment, in: run, model: model, optimizerState: nil, own: [], adversarialStatistics: nil,
            progress: { _ in }, shouldStop: { false }
        )
        .change.values
    }

    @Test func theRoundDecidesTheRate() throws {
        let constant = try Self.change(round: 1, schedule: ScheduleSpec())
        #expect(constant.contains { $0 != 0 })
        let falling = ScheduleSpec(.polynomial(power: 1, end: 0))
        for (round, share) in zip(1..., [Float(1), 0.75, 0.5, 0.25]) {
            #expect(try Self.change(round: round, schedule: ScheduleSpec()) == constant)
            for (value, whole) in zip(try Self.change(round: round, schedule: falling), constant) {
                #expect(abs(value - share * whole) <= 1e-7)
            }
        }
    }
}
