// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedModels
import FedStore
import FedTestSupport
import FedTraining
import Foundation
import Testing

/// Models as files, cut to widths and robustness (Split-Mix, Hong et al., ICLR 2022).
@Suite struct TrainedModelTests {
    private static func model() async throws -> TrainedModel {
        try await MixtureModel.withFile { try TrainedModel(reading: $0) }
    }

    private static func images() throws -> (data: Dataset, values: [Float]) {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        return (data, (0..<20).flatMap { data.example(at: $0) })
    }

    private static func logits(_ model: TrainedModel, _ branch: PassMode.Branch) throws -> [UInt32] {
        try model.makeNetwork(maximumBatch: 20)
            .logits(images: images().values, mode: PassMode(statistics: .running, branch: branch)).map(\.bitPattern)
    }

    @Test func whatIsWrittenIsReadAgain() async throws {
        try await MixtureModel.withFile { path in
            let model = try TrainedModel(reading: path)
            #expect(model.card == (try MixtureModel.card()))
            #expect(model.run.rawValue == "mixture-1" && model.version == ModelVersion(3))
            #expect(model.parameters == (try MixtureModel.checkpoint().parameters))
            #expect(model.width.description == "1/2")
            let cut = try model.customized(width: WidthRatio(1, 4), robustness: 0.3)
            let other = path + ".half"
            let digest = try cut.write(to: other)
            let again = try TrainedModel(reading: other)
            #expect(again.card == cut.card && again.parameters == cut.parameters)
            #expect(digest == ModelDigest.sha256(of: cut.parameters))
            #expect(again.card.robustness == 0.3 && again.card.bases == [0, 1] && again.card.model.bases == 2)
            #expect(again.run == model.run && again.version == model.version)
        }
    }

    @Test func aModelThatNormalisesByTheBatchIsForManyExamplesOnly() async throws {
        let model = try await Self.model()
        try model.checkPredictsAlone()
        let cut = try model.customized(width: WidthRatio(1, 4), statistics: .batch)
        #expect(throws: ModelError(.dependentPredictions, "")) { try cut.checkPredictsAlone() }
        #expect(throws: ModelError(.dependentPredictions, "")) { _ = try cut.onnx() }
        let data = try Self.images().data
        #expect(try cut.evaluate(on: data) != model.customized(width: WidthRatio(1, 4)).evaluate(on: data))
        #expect(try cut.customized(statistics: .averaged).card == model.customized(width: WidthRatio(1, 4)).card)
    }

    /// A cut holds the bits of its bases, one alone under the names of a plain network; a cut of a cut is a cut.
    @Test(arguments: [(1, 8), (1, 4), (3, 8), (1, 2)])
    func aCutHoldsTheFirstBases(_ numerator: Int, _ denominator: Int) async throws {
        let model = try await Self.model()
        let width = try WidthRatio(numerator, denominator)
        let cut = try model.customized(width: width)
        let count = try #require(try width.exactCount(of: WidthRatio(1, 8)))
        let size = model.parameters.values.count / 4
        #expect(cut.width == width && cut.card.model.bases == count && cut.card.bases == Array(0..<count))
        #expect(cut.parameters.values == Array(model.parameters.values[..<(count * size)]))
        #expect(cut.parameters.layout.parameters[0].name == (count == 1 ? "conv1.weight" : "base.0/conv1.weight"))
        #expect(try cut.size.trainedParameters * 4 == model.size.trainedParameters * count)
        #expect(try cut.size.multiplications * 4 == model.size.multiplications * count)
        let first = try cut.customized(width: WidthRatio(1, 8))
        #expect(first.parameters.values == Array(model.parameters.values[..<size]))
    }

    /// A cut of a network with nested widths holds the corner of each tensor, and is what its layers are at that width.
    @Test func aCutOfNestedWidthsIsTheirSlice() async throws {
        let widths = try [1, 2, 4].map { try WidthRatio($0, 16) }
        let spec = ModelSpec(architecture: "lenet", width: try WidthRatio(1, 4), levels: widths)
        let (data, values) = try Self.images()
        let network = try ModelZoo.makeNetwork(spec, input: data.input, classes: 10, maximumBatch: 20)
        network.initialize(using: SeededGenerator(key: 3))
        let card = ModelCard(model: spec, examples: data.exampleShape, dataset: "digits")
        var checkpoint = Checkpoint(
            run: try RunID("nested-1"), version: ModelVersion(2),
            parameters: try ParameterVector(layout: network.layout, values: network.parameters()))
        try checkpoint.describe(card)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedcoord-cut-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try CheckpointFile.write(checkpoint, name: "whole.safetensors", in: folder.path)
        let model = try TrainedModel(reading: folder.path + "/whole.safetensors")
        #expect(model.card == card && model.widths == widths && model.width == widths[2])
        #expect(try model.makeNetwork(maximumBatch: 20).logits(images: values) == network.logits(images: values))
        #expect(ModelSweep.Settings(for: model).widths == widths)
        for (number, width) in widths.enumerated() {
            let cut = try model.customized(width: width)
            #expect(cut.width == width && cut.card.model.levels == Array(widths[...number]))
            let plain = ModelSpec(architecture: "lenet", width: width)
            #expect(cut.parameters.layout == (try ModelZoo.layout(plain, for: data)))
            // Row 1 of the second convolution, as far as the cut has input channels.
            let own = cut.parameters.layout
            let row = own.parameters[2].shape.dropFirst().reduce(1, *)
            let start =
                network.layout.segments[2].lowerBound + network.layout.parameters[2].count
                / network.layout.parameters[2].shape[0]
            #expect(
                Array(cut.parameters.values[own.segments[2]][(own.segments[2].lowerBound + row)...].prefix(row))
                    == Array(model.parameters.values[start..<start + row]))
            try cut.write(to: folder.path + "/cut.safetensors")
            let again = try TrainedModel(reading: folder.path + "/cut.safetensors")
            #expect(again.card == cut.card && again.parameters == cut.parameters)
            #expect(try again.customized(width: widths[0]).parameters == model.customized(width: widths[0]).parameters)
        }
        #expect(throws: ModelError(.impossibleWidth, "")) { try model.customized(width: WidthRatio(3, 16)) }
    }

    /// λ = 0 is the clean branch and λ = 1 the adversarial one, to the bit; between them branches are mixed layer by layer.
    @Test(arguments: [Float(0), 0.3, 1])
    func robustnessMixesTheBranches(_ share: Float) async throws {
        let cut = try await Self.model().customized(width: WidthRatio(1, 4), robustness: share)
        let logits = try Self.logits(cut, PassMode.Branch(adversarialShare: share))
        let expected: PassMode.Branch = share == 0 ? .clean : share == 1 ? .adversarial : .mixed(share)
        #expect(try Self.logits(cut, expected) == logits)
        if share == 0.3 {
            #expect(try Self.logits(cut, .clean) != logits)
            #expect(try Self.logits(cut, .adversarial) != logits)
        }
        let probabilities = try cut.makeNetwork(maximumBatch: 20)
            .probabilities(images: Self.images().values, adversarialShare: share)
        let scores = logits.map { exp(Double(Float(bitPattern: $0))) }
        for row in 0..<20 {
            let sum = scores[(row * 10)..<(row * 10 + 10)].reduce(0, +)
            for index in (row * 10)..<(row * 10 + 10) {
                #expect(abs(probabilities[index] - scores[index] / sum) < 1e-9)
            }
        }
    }

    @Test(arguments: [(1, 3), (1, 16), (5, 8), (1, 1), (3, 16)])
    func otherWidthsAreRefused(_ numerator: Int, _ denominator: Int) async throws {
        let model = try await Self.model()
        let error = #expect(throws: ModelError(.impossibleWidth, "")) {
            try model.customized(width: WidthRatio(numerator, denominator))
        }
        #expect(error?.message.contains("1/8, 1/4, 3/8, 1/2") == true)
    }

    @Test func oneNetworkIsNotCut() async throws {
        let single = try await Self.model().customized(width: WidthRatio(1, 8))
        #expect(try single.customized(width: WidthRatio(1, 8)).parameters == single.parameters)
        let error = #expect(throws: ModelError(.impossibleWidth, "")) {
            try single.customized(width: WidthRatio(1, 4))
        }
        #expect(error?.message.contains("one network") == true)
    }

    @Test(arguments: [Float(-0.1), 1.5, .nan, .infinity])
    func otherRobustnessIsRefused(_ share: Float) async throws {
        let model = try await Self.model()
        #expect(throws: ModelError(.impossibleRobustness, "")) { try model.customized(robustness: share) }
    }

    @Test func robustnessNeedsTwoNorms() async throws {
        try await MixtureModel.withFile { path in
            let model = ModelSpec(architecture: "mlp", hidden: [2])
            let examples = ExampleShape(channels: 1, height: 1, width: 2, classes: 2)
            let layout = try ModelZoo.layout(model, input: InputShape(channels: 1, height: 1, width: 2), classes: 2)
            var checkpoint = Checkpoint(
                run: try RunID("r"), version: ModelVersion(1), parameters: ParameterVector(zeros: layout))
            try checkpoint.describe(ModelCard(model: model, examples: examples, dataset: "csv"))
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try CheckpointFile.write(checkpoint, name: "plain.safetensors", in: folder)
            let plain = try TrainedModel(reading: folder + "/plain.safetensors")
            let error = #expect(throws: ModelError(.impossibleRobustness, "")) {
                try plain.customized(robustness: 0.5)
            }
            #expect(error?.message.contains("one batch norm") == true)
            #expect(try plain.customized(robustness: 0).card == plain.card)
        }
    }

    /// Files that do not say what they hold, or lie.
    @Test func filesWithoutACardAreRefused() async throws {
        try await MixtureModel.withFile { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            func read(_ change: (inout Checkpoint) throws -> Void) throws -> StoreError? {
                var checkpoint = try MixtureModel.checkpoint()
                try change(&checkpoint)
                try CheckpointFile.write(checkpoint, name: "other.safetensors", in: folder)
                return #expect(throws: StoreError.self) { try TrainedModel(reading: folder + "/other.safetensors") }
            }
            #expect(try read { $0.notes = [:] } == StoreError(.wrongModel, ""))
            #expect(try read { $0.notes = ["model": "{}"] } == StoreError(.corrupt, ""))
            let changes: [(inout ModelCard) -> Void] = [
                { $0.robustness = 2 }, { $0.bases = [0, 0, 1, 2] }, { $0.examples.height = 1 << 40 },
                { $0.classNames = ["one"] }, { $0.model.bases = 9 }, { $0.bases = [0] },
                {
                    $0.model.normalization = .batch; $0.robustness = 0.5
                },
            ]
            for change in changes {
                let error = try read {
                    var card = try MixtureModel.card()
                    change(&card)
                    try $0.describe(card)
                }
                #expect(error == StoreError(.corrupt, ""))
            }
            // A card of another model than the tensors are of.
            let error = try read {
                var card = try MixtureModel.card()
                card.model.bases = 3
                card.bases = [0, 1, 2]
                try $0.describe(card)
            }
            #expect(error == StoreError(.wrongModel, ""))
            #expect(throws: StoreError(.missing, "")) { try TrainedModel(reading: folder + "/none") }
        }
    }

    @Test func basesAreOrderedByAccuracy() async throws {
        let model = try await Self.model()
        let ordered = model.ordered(by: [0.5, 0.9, 0.1, 0.9])
        #expect(ordered.card.bases == [1, 3, 0, 2])
        let size = model.parameters.values.count / 4
        for (place, base) in [1, 3, 0, 2].enumerated() {
            #expect(
                Array(ordered.parameters.values[(place * size)..<((place + 1) * size)])
                    == Array(model.parameters.values[(base * size)..<((base + 1) * size)]))
        }
        #expect(try ordered.customized(width: WidthRatio(1, 4)).card.bases == [1, 3])
        #expect(ordered.ordered(by: [0, 0, 1, 0]).card.bases == [0, 1, 3, 2])
    }

    /// Measured in the sweep and here: what the whole model gets, and each base alone.
    @Test func evaluationIsThatOfTheMixture() async throws {
        let model = try await Self.model()
        let split = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let accuracies = try model.baseAccuracies(on: split.validation)
        #expect(accuracies.count == 4 && Set(accuracies).count > 1)
        #expect(accuracies.allSatisfy { $0 > 0.5 }, "\(accuracies)")
        let best = model.ordered(by: accuracies)
        #expect(
            try best.customized(width: WidthRatio(1, 8)).evaluate(on: split.validation).accuracy == accuracies.max())
        let attack = AttackSpec.pgd(epsilon: 0.1, steps: 5)
        let clean = try model.customized(robustness: 0).evaluate(on: split.test, attack: attack, robustExamples: 100)
        let robust = try model.customized(robustness: 1).evaluate(on: split.test, attack: attack, robustExamples: 100)
        #expect(clean.accuracy > 0.85, "\(clean)")
        #expect(try #require(robust.robustAccuracy) > #require(clean.robustAccuracy), "\(clean) \(robust)")
        let network = try model.makeNetwork(maximumBatch: 64)
        #expect(try Evaluator.evaluate(network: network, data: split.test).accuracy == clean.accuracy)
        let wrong = try Dataset(
            name: "wrong", input: InputShape(channels: 1, height: 8, width: 9), classes: 10,
            images: [Float](repeating: 0, count: 72), labels: [1])
        let error = #expect(throws: ModelError(.unfitData, "")) { try model.evaluate(on: wrong) }
        #expect(error?.message.contains("8x9x1") == true)
    }

    @Test func predictionsAreSortedAndNamed() async throws {
        let model = try await Self.model()
        let network = try model.makeNetwork(maximumBatch: 1)
        let (data, _) = try Self.images()
        var right = 0
        for index in 0..<20 {
            let classes = model.predict(data.example(at: index), with: network).classes
            #expect(classes.count == 10 && abs(classes.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
            #expect(zip(classes, classes.dropFirst()).allSatisfy { $0.probability >= $1.probability })
            #expect(Set(classes.map(\.name)) == Set((0..<10).map { "digit \($0)" }))
            if classes[0].name == "digit \(data.labels[index])" { right += 1 }
        }
        #expect(right >= 15)
    }
}
