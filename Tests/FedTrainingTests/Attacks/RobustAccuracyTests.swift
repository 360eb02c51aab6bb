// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Robust accuracy as a result of evaluation.
@Suite struct RobustAccuracyTests {
    /// One pixel decides: class 1 above one half.
    private static func threshold(_ values: [Float], maximumBatch: Int = 4) throws -> (Network, Dataset) {
        let shape = InputShape(channels: 1, height: 1, width: 1)
        let network = try Network([.flatten, .linear("fc", outputs: 2)], input: shape, maximumBatch: maximumBatch)
        try network.loadParameters([-1, 1, 0.5, -0.5])
        let labels: [Int32] = values.map { $0 > 0.5 ? 1 : 0 }
        return (network, try Dataset(name: "line", input: shape, classes: 2, images: values, labels: labels))
    }

    /// An example withstands ε exactly if it lies further than that from the threshold.
    @Test(arguments: [
        (Float(0), 1.0), (0.0625, 0.9), (0.15, 0.7), (0.2, 0.6), (0.28, 0.4), (0.33, 0.3), (0.45, 0.2), (0.6, 0),
        (1, 0),
    ])
    func countsWhatWithstandsTheAttack(_ epsilon: Float, _ expected: Double) throws {
        let (network, data) = try Self.threshold([0, 0.75, 0.25, 0.625, 1, 0.46875, 0.125, 0.375, 0.6875, 0.8125])
        for attack in [
            AttackSpec.fgsm(epsilon: epsilon), AttackSpec(norm: .l2, epsilon: epsilon, steps: 20, stepSize: 0.1),
        ] {
            let result = try Evaluator.evaluate(network: network, data: data, attack: attack)
            #expect(result.accuracy == 1)
            #expect(result.robustAccuracy == expected)
        }
    }

    /// What is classified wrongly as it is does not become right by an attack.
    @Test func wrongStaysWrong() throws {
        let (network, right) = try Self.threshold([0.25, 0.75, 0.875])
        let data = try Dataset(
            name: "line", input: right.input, classes: 2, values: right.values, labels: [0, 0, 1])
        let attack = AttackSpec(epsilon: 0, steps: 3)
        let result = try Evaluator.evaluate(network: network, data: data, attack: attack)
        #expect(result.accuracy == 2.0 / 3)
        #expect(result.robustAccuracy == 2.0 / 3)
        let far = try Evaluator.evaluate(
            network: network, data: data, attack: AttackSpec(epsilon: 0.3125, steps: 20, stepSize: 0.1))
        #expect(far.robustAccuracy == 1.0 / 3)
    }

    @Test func noAttackNoRobustAccuracy() throws {
        let (network, data) = try Self.threshold([0.25, 0.75])
        #expect(try Evaluator.evaluate(network: network, data: data).robustAccuracy == nil)
    }

    /// The attack follows the mixture of branches that classifies.
    @Test func aMixtureIsAttackedAsAMixture() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test.subset(Array(0..<60))
        let network = try Network(
            [
                .flatten, .linear("fc1", outputs: 32), .batchNorm("bn", branches: .separateAffine), .relu,
                .linear("fc2", outputs: 10),
            ], input: data.input, maximumBatch: 60)
        network.initialize(using: SeededGenerator(key: 1))
        var values = network.parameters()
        var generator = SeededGenerator(key: 2)
        for (index, parameter) in network.layout.parameters.enumerated()
        where parameter.name.hasSuffix("mean") {
            for position in network.layout.segments[index] { values[position] = generator.nextUnitFloat() - 0.5 }
        }
        try network.loadParameters(values)
        // Labels as the clean branch sees them, so that there is something to lose.
        func evaluation(_ share: Float) throws -> Evaluation {
            try Evaluator.evaluate(
                network: network, data: data, adversarialShare: share, attack: .pgd(epsilon: 0.02, steps: 3))
        }
        let results = try [0, 0.5, 1].map(evaluation)
        #expect(Set(results.map(\.loss)).count == 3)
        for result in results { #expect((result.robustAccuracy ?? 1) <= result.accuracy) }
        #expect(try evaluation(0.5) == results[1])
    }

    @Test func theBatchDoesNotMatterAndTheSeedDoes() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 100)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 3, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1))
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: data.train, spec: spec,
            generator: SeededGenerator(key: 1))
        let base = network.parameters()
        func robust(_ batchSize: Int, examples: Int?, key: UInt64, epsilon: Float = 0.06) throws -> Double? {
            try Evaluator.evaluate(
                network: network, data: data.test, batchSize: batchSize,
                attack: AttackSpec(epsilon: epsilon, steps: 4, restarts: 2), robustExamples: examples,
                generator: SeededGenerator(key: key)
            ).robustAccuracy
        }
        let whole = try robust(100, examples: nil, key: 1)
        #expect(try robust(1, examples: nil, key: 1) == whole)
        #expect(try robust(37, examples: nil, key: 1) == whole)
        #expect(try robust(100, examples: 355, key: 1) == whole)
        #expect(try robust(100, examples: 1000, key: 1) == whole)
        let part = try robust(100, examples: 50, key: 1)
        #expect(try robust(7, examples: 50, key: 1) == part)
        let parts = try (0..<8).map { try robust(100, examples: 50, key: $0) }
        #expect(Set(parts).count > 1)
        #expect(network.parameters().map(\.bitPattern) == base.map(\.bitPattern))
    }

    @Test func moreStartsAndLargerStrengthsNeverHelpTheDefender() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 100)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 10, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1))
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: data.train, spec: spec,
            generator: SeededGenerator(key: 1))
        func robust(_ attack: AttackSpec) throws -> Double {
            try #require(try Evaluator.evaluate(network: network, data: data.test, attack: attack).robustAccuracy)
        }
        let starts = try (1...6).map { try robust(AttackSpec(epsilon: 0.1, steps: 1, restarts: $0)) }
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 >= $1 } && starts[5] < starts[0])
        let strengths = try [0, 0.05, 0.1, 0.2, 0.4].map { try robust(.pgd(epsilon: $0, steps: 7)) }
        #expect(zip(strengths, strengths.dropFirst()).allSatisfy { $0 > $1 })
        #expect(strengths[0] > 0.85 && strengths[4] < 0.05)
    }

    @Test(arguments: [Float(-0.25), 1.5, .nan, -.infinity])
    func otherDataAreRefused(_ value: Float) throws {
        let (network, _) = try Self.threshold([0])
        let data = try Dataset(
            name: "table", input: network.input, classes: 2, images: [0, 1, value, 0.5], labels: [0, 1, 0, 1])
        #expect(
            throws: TrainingError.self,
            performing: { try Evaluator.evaluate(network: network, data: data, attack: .fgsm(epsilon: 0.1)) })
        do {
            _ = try Evaluator.evaluate(network: network, data: data, attack: .fgsm(epsilon: 0.1))
        } catch {
            #expect(error.code == .invalidSpecification)
            #expect(error.message.contains("table") && error.message.contains("example 3"))
        }
        #expect(try Evaluator.evaluate(network: network, data: data).robustAccuracy == nil)
    }

    @Test func attacksOutOfRangeAreRefused() throws {
        let (network, data) = try Self.threshold([0.25])
        #expect(throws: TrainingError(.invalidSpecification, "")) {
            try Evaluator.evaluate(network: network, data: data, attack: AttackSpec(epsilon: -1))
        }
    }
}
