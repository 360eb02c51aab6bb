// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import FedWire
import FedWorker
import Testing

/// What workers download of a network with narrower ones in it.
@Suite struct NestedDownloadTests {
    /// A download of a level has the bytes of its slice; none is taken of what the run has not.
    @Test(arguments: ["whole-model", "bases:0", "nested:1/3"]) func otherScopesAreRefused(_ text: String) throws {
        let layout = try CoordinatorTests.nestedLayout(4)
        let levels = try CoordinatorTests.nestedLevels()
        let run = RunDescription(
            run: try RunID("run"), model: ModelSpec(architecture: "mlp", levels: levels.map(\.width)), layout: layout,
            levels: levels, dataset: "digits", partition: .iid, seed: 1, rounds: 1)
        let scope: UpdateScope =
            switch text {
            case "whole-model": .wholeModel
            case "bases:0": .bases([0])
            default: .nested(try WidthRatio(1, 3))
            }
        let values = [Float](repeating: 0.5, count: run.layout.count)
        let vector = try ParameterVector(layout: run.layout, values: values)
        func message(_ scope: UpdateScope, _ count: Int) throws -> Assignment {
            Assignment(
                assignment: WorkerAssignment(
                    worker: try WorkerID("w"), run: run.run, round: RoundID(1), baseVersion: ModelVersion(0),
                    training: LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)), scope: scope,
                    codec: CodecID("dense-float32"), seed: 3, deadlineSeconds: 60),
                model: try TransferHeader(stream: 2, byteCount: count, sha256: [UInt8](repeating: 0, count: 32)),
                modelCodec: CodecID("dense-float32"))
        }
        let payload = try DenseFloat32Codec().encode(vector, generator: SeededGenerator(key: 0))
        let hostile = try message(scope, payload.count)
        #expect(ModelCopy.maximumBytes(of: hostile, in: run) == 0)
        var copy = ModelCopy()
        #expect(throws: ModelCopy.Failure.self) { try copy.follow(hostile, payload, in: run) }
        let slice = run.levels[0].slice
        let narrow = try NestedCodec(DenseFloat32Codec(), slice: slice).encode(
            vector, generator: SeededGenerator(key: 0))
        let honest = try message(.nested(WidthRatio(1, 4)), narrow.count)
        #expect(ModelCopy.maximumBytes(of: honest, in: run) >= narrow.count)
        let model = try copy.follow(honest, narrow, in: run)
        #expect(slice.gathered(from: model.values).allSatisfy { $0 == 0.5 })
        #expect(model.values.reduce(0, +) == 0.5 * Float(slice.layout.count))
    }
}
