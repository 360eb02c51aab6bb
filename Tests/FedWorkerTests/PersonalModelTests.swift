// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import FedWorker
import Synchronization
import Testing

/// What a worker keeps as its own model.
@Suite struct PersonalModelTests {
    private static let input = InputShape(channels: 1, height: 8, width: 8)

    private static func run(sharesStatistics: Bool = false) throws -> RunDescription {
        let model = ModelSpec(
            architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualShared, statistics: .averaged,
            bases: 4)
        let parts = ModelParts(
            try ModelZoo.layout(model, input: input, classes: 10), keeping: ParameterRole.normalization)
        return RunDescription(
            run: try RunID("run"), model: model, layout: parts.travelling, own: parts.own, dataset: "digits",
            partition: .iid,
            fraction: 0.02, examples: EngineTrainerTests.digits, sharesStatistics: sharesStatistics, seed: 1, rounds: 1)
    }

    private static func personal(_ scope: UpdateScope, in run: RunDescription) throws -> PersonalModel {
        let kept = Mutex<PersonalModel?>(nil)
        let trainer = try EngineTrainer(data: WorkerData(parsing: [], shard: nil)) { model in
            kept.withLock { $0 = model }
        }
        var generator = SeededGenerator(key: 4)
        let shared = try ParameterVector(
            layout: run.layout, values: (0..<run.layout.count).map { _ in generator.nextUnitFloat() - 0.5 })
        _ = try trainer.train(
            NestedWidthTests.assignment(scope, in: run), in: run, model: shared, optimizerState: nil, own: [],
            adversarialStatistics: nil, progress: { _ in }, shouldStop: { false })
        return try #require(kept.withLock { $0 })
    }

    /// The other base networks were never sent to it.
    @Test func itIsMadeOfTheBasesThatWereTrained() throws {
        let run = try Self.run()
        let whole = try Self.personal(.bases([0, 1, 2, 3]), in: run)
        #expect(whole.card.model == run.model && whole.card.bases == [0, 1, 2, 3])
        let model = try Self.personal(.bases([1, 3]), in: run)
        #expect(model.card.bases == [1, 3] && model.card.model.bases == 2)
        try model.card.validate()
        #expect(
            try model.parameters.layout == ModelZoo.layout(model.card.model, input: Self.input, classes: 10))
        // Each base network is trained by itself, from a random stream of its own.
        let size = whole.parameters.values.count / 4
        let bases = (0..<4).map { Array(whole.parameters.values[$0 * size..<($0 + 1) * size]) }
        #expect(model.parameters.values == bases[1] + bases[3])
    }

    /// Where robustness is propagated, models are used by the branch for attacked inputs.
    @Test(arguments: [true, false]) func itIsUsedAsItsRunMeasures(_ sharesStatistics: Bool) throws {
        let model = try Self.personal(.bases([0]), in: Self.run(sharesStatistics: sharesStatistics))
        #expect(model.card.robustness == (sharesStatistics ? 1 : 0))
        #expect(model.card.workersOwn == nil)
    }
}
