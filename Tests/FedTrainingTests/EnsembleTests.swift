// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Models of several base networks (Split-Mix, Hong et al., ICLR 2022).
@Suite struct EnsembleTests {
    private static let input = InputShape(channels: 1, height: 12, width: 12)

    private static func network(_ spec: ModelSpec) throws -> Network {
        try ModelZoo.makeNetwork(spec, input: input, classes: 10, maximumBatch: 20)
    }

    private static func images() -> [Float] {
        var generator = SeededGenerator(key: 3)
        return (0..<(20 * input.count)).map { _ in generator.nextUnitFloat() }
    }

    private static func spec(
        _ architecture: String, _ bases: Int, _ normalization: Normalization = .batch, dropout: Float = 0
    ) throws -> ModelSpec {
        ModelSpec(
            architecture: architecture, width: try WidthRatio(1, 8), normalization: normalization, dropout: dropout,
            bases: bases)
    }

    /// Base after base, each as it is alone.
    @Test(arguments: ModelZoo.names)
    func theLayoutIsThatOfTheBasesOneAfterTheOther(_ name: String) throws {
        let single = try ModelZoo.layout(Self.spec(name, 1), input: Self.input, classes: 10)
        let several = try ModelZoo.layout(Self.spec(name, 5), input: Self.input, classes: 10)
        let expected = (0..<5).flatMap { number in
            single.parameters.map {
                ParameterSpec(name: "base.\(number)/\($0.name)", shape: $0.shape, role: $0.role)
            }
        }
        #expect(several.parameters == expected)
        #expect(several.count == 5 * single.count)
    }

    @Test func basesBeginDifferentlyAndAlikeHoweverManyThereAre() throws {
        func bases(_ count: Int) throws -> [ArraySlice<Float>] {
            let network = try Self.network(Self.spec("digits-cnn", count))
            network.initialize(using: SeededGenerator(key: 8))
            let values = network.parameters()
            let size = values.count / count
            return (0..<count).map { values[($0 * size)..<(($0 + 1) * size)] }
        }
        let four = try bases(4)
        for (left, right) in [(0, 1), (0, 3), (2, 3)] {
            let equal = zip(four[left], four[right]).count { $0 == $1 }
            // Constants are equal: of four tensors of a norm all, of others nothing but chance.
            let constants = 4 * (8 + 8 + 16 + 256 + 64)
            #expect(equal < constants + 20)
        }
        #expect(try Array(bases(1)[0]) == Array(four[0]))
        #expect(try Array(bases(2)[1]) == Array(four[1]))
    }

    /// logits(width w) = mean of the bases' logits, in every mode; a model of the first bases is that of their blocks.
    @Test(arguments: [1, 2, 3, 8], [PassMode.Branch.clean, .adversarial, .mixed(0.3)])
    func logitsAreTheMeanOfTheBases(_ count: Int, _ branch: PassMode.Branch) throws {
        let mode = PassMode(statistics: .running, branch: branch)
        let all = try Self.network(Self.spec("digits-cnn", 8, .dualSeparate))
        all.initialize(using: SeededGenerator(key: 4))
        var generator = SeededGenerator(key: 6)
        let values = all.parameters().map { $0 + 0.1 * generator.nextUnitFloat() }
        let size = values.count / 8
        let single = try Self.network(Self.spec("digits-cnn", 1, .dualSeparate))
        let images = Self.images()
        let logits = try (0..<count).map { number in
            try single.loadParameters(Array(values[(number * size)..<((number + 1) * size)]))
            return single.logits(images: images, mode: mode)
        }
        #expect(count == 1 || logits[0] != logits[1])
        let mean = logits[0].indices.map { index in
            logits.dropFirst().reduce(logits[0][index]) { $0 + $1[index] } / Float(count)
        }
        let several = try Self.network(Self.spec("digits-cnn", count, .dualSeparate))
        try several.loadParameters(Array(values[..<(count * size)]))
        #expect(several.logits(images: images, mode: mode).map(\.bitPattern) == mean.map(\.bitPattern))
    }

    /// Two bases of equal parameters remove different units.
    @Test func basesHaveDropoutOfTheirOwn() throws {
        let single = try Self.network(Self.spec("mlp", 1, dropout: 0.5))
        single.initialize(using: SeededGenerator(key: 4))
        let both = try Self.network(Self.spec("mlp", 2, dropout: 0.5))
        try both.loadParameters(single.parameters() + single.parameters())
        let images = Self.images()
        let kept = PassMode.evaluation
        #expect(both.logits(images: images, mode: kept) == single.logits(images: images, mode: kept))
        let removed = PassMode(statistics: .running, dropoutKey: 9)
        let mean = both.logits(images: images, mode: removed)
        let first = single.logits(images: images, mode: removed)
        let second = zip(mean, first).map { 2 * $0 - $1 }
        #expect(zip(first, second).count { abs($0 - $1) > 1e-3 } > first.count / 2)
    }

    @Test(
        arguments: [
            [.ensemble([])], [.ensemble([[.flatten]])], [.ensemble([[.linear("a", outputs: 2), .relu]])],
            [.ensemble([[.relu, .linear("a", outputs: 2)]])],
            [.ensemble([[.linear("a", outputs: 2)], [.linear("a", outputs: 3)]])],
        ] as [[LayerSpec]])
    func ensemblesWithoutAMeaningAreRefused(_ layers: [LayerSpec]) {
        let error = #expect(throws: TrainingError.self) {
            try Network(layers, input: Self.input, maximumBatch: 2)
        }
        #expect(error?.code == .invalidModel)
    }

    /// The whole of training, on the mixture: all bases learn.
    @Test func anEnsembleLearns() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp", hidden: [16], bases: 3), input: data.train.input, classes: 10,
            maximumBatch: 100)
        network.initialize(using: SeededGenerator(key: 5))
        let base = network.parameters()
        let outcome = try LocalTraining.train(
            network: network, base: base, data: data.train,
            spec: LocalTrainingSpec(epochs: 4, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.3)),
            generator: SeededGenerator(key: 6))
        #expect(outcome.metrics.accuracy > 0.8)
        let change = zip(network.parameters(), base).map { $0 - $1 }
        let size = change.count / 3
        for number in 0..<3 {
            #expect(change[(number * size)..<((number + 1) * size)].contains { abs($0) > 0.01 })
        }
    }
}
