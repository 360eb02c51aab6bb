// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct LocalTrainingTests {
    /// Two examples of one feature each, equal but for their labels: with equal rows of W the loss has no gradient.
    private static func balanced() throws -> (network: Network, data: Dataset) {
        let shape = InputShape(channels: 1, height: 1, width: 1)
        let data = try Dataset(name: "two", input: shape, classes: 2, images: [1, 1], labels: [0, 1])
        return (try Network([.linear("fc", outputs: 2)], input: shape, maximumBatch: 2), data)
    }

    private static func train(
        _ network: Network, _ base: [Float], _ data: Dataset, _ spec: LocalTrainingSpec, key: UInt64 = 1
    ) throws -> LocalTraining.Outcome {
        try LocalTraining.train(
            network: network, base: base, data: data, spec: spec, generator: SeededGenerator(key: key))
    }

    @Test func firstStepIsTheGradientTimesTheRate() throws {
        let shape = InputShape(channels: 1, height: 1, width: 2)
        let data = try Dataset(name: "one", input: shape, classes: 2, images: [1, 0.5], labels: [0])
        let network = try Network([.linear("fc", outputs: 2)], input: shape, maximumBatch: 1)
        let spec = LocalTrainingSpec(steps: 1, batchSize: 1, optimizer: OptimizerSpec(learningRate: 0.5))
        let outcome = try Self.train(network, [Float](repeating: 0, count: 6), data, spec)
        // p = (1/2, 1/2), so that the gradient is (-x/2, x/2, -1/2, 1/2).
        #expect(network.parameters() == [0.25, 0.125, -0.25, -0.125, 0.25, -0.25])
        #expect(abs(outcome.metrics.loss - 0.6931471805599453) < 1e-12)
        #expect(outcome.metrics.accuracy == 1)
        #expect(outcome.exampleCount == 1)
    }

    @Test(arguments: [
        // θ₀ = 1, η = λ = 1/2; worked out by hand.
        (Float(0), Float(0), [Float(0.75), 0.5625]),
        // γ = 1/2: v₁ = 1/2, v₂ = 1/4 + 3/8.
        (0.5, 0, [0.75, 0.4375]),
        // μ = 1: g₂ = 3/8 + (3/4 - 1).
        (0, 1, [0.75, 0.6875]),
        // Both: v₂ = 1/4 + 1/8.
        (0.5, 1, [0.75, 0.5625]),
    ])
    func stepsAreExact(_ momentum: Float, _ mu: Float, _ expected: [Float]) throws {
        let (network, data) = try Self.balanced()
        for (steps, value) in zip(1..., expected) {
            let spec = LocalTrainingSpec(
                steps: steps, batchSize: 2,
                optimizer: OptimizerSpec(learningRate: 0.5, momentum: momentum, weightDecay: 0.5),
                objective: mu == 0 ? [.crossEntropy()] : [.crossEntropy(), .proximal(mu: mu)])
            let outcome = try Self.train(network, [1, 1, 1, 1], data, spec)
            #expect(network.parameters() == [Float](repeating: value, count: 4))
            // The loss before the last step: ln 2, and from the second step on (μ/2)·4·(1/4)².
            let penalty = steps == 2 ? Double(mu) / 2 * 0.25 : 0
            #expect(abs(outcome.metrics.loss - 0.6931471805599453 - penalty) < 1e-12)
        }
    }

    @Test func statisticsMoveWithTheDataOnly() throws {
        let shape = InputShape(channels: 1, height: 1, width: 1)
        let data = try Dataset(name: "two", input: shape, classes: 2, images: [0.5, 1], labels: [0, 1])
        let network = try Network([.batchNorm("bn"), .linear("fc", outputs: 2)], input: shape, maximumBatch: 2)
        let spec = LocalTrainingSpec(
            steps: 1, batchSize: 2, optimizer: OptimizerSpec(learningRate: 0.5, weightDecay: 0.5),
            objective: [.crossEntropy(), .proximal(mu: 1)])
        // A running variance below 0, as averaging may leave it, counts as 0.
        _ = try Self.train(network, [1, 0, 0, -3, 0, 0, 0, 0], data, spec)
        let values = network.parameters()
        #expect(values[0] == 0.75)
        #expect(abs(values[2] - 0.1 * 0.75) < 1e-7)
        #expect(abs(values[3] - 0.1 * 0.125) < 1e-7)
    }

    @Test func noStepsLeaveTheModelAlone() throws {
        let (network, data) = try Self.balanced()
        let spec = LocalTrainingSpec(steps: 0, optimizer: OptimizerSpec(learningRate: 1))
        let base: [Float] = [0.1, -0.2, 0.3, 1e-30]
        let outcome = try Self.train(network, base, data, spec)
        #expect(network.parameters().map(\.bitPattern) == base.map(\.bitPattern))
        #expect(outcome.exampleCount == 2)
    }

    @Test(arguments: ["mlp", "lenet"])
    func sameSeedSameBits(_ architecture: String) async throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<100))
        let results = try await withThrowingTaskGroup(of: (UInt64, [UInt32]).self) { group in
            for key: UInt64 in [7, 7, 7, 8] {
                group.addTask {
                    let network = try ModelZoo.makeNetwork(
                        ModelSpec(architecture: architecture), input: data.input, classes: 10, maximumBatch: 32)
                    network.initialize(using: SeededGenerator(key: 1))
                    let spec = LocalTrainingSpec(
                        epochs: 2, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9))
                    _ = try Self.train(network, network.parameters(), data, spec, key: key)
                    return (key, network.parameters().map(\.bitPattern))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let equal = results.filter { $0.0 == 7 }.map(\.1)
        #expect(equal.count == 3 && Set(equal).count == 1)
        #expect(results.contains { $0.0 == 8 && $0.1 != equal[0] })
    }

    @Test func epochsPassOverAllExamplesInSmallerLastBatches() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<10))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp", hidden: [4]), input: data.input, classes: 10, maximumBatch: 4)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 2, batchSize: 4, optimizer: OptimizerSpec(learningRate: 0.01))
        var shares: [Double] = []
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: data, spec: spec, generator: SeededGenerator(key: 1),
            progress: { shares.append($0) })
        #expect(shares == (1...6).map { Double($0) / 6 })
        #expect(throws: TrainingError(.stopped, "")) {
            try LocalTraining.train(
                network: network, base: network.parameters(), data: data, spec: spec,
                generator: SeededGenerator(key: 1), progress: { shares.append($0) },
                shouldStop: { shares.count == 8 })
        }
        #expect(shares.count == 8)
    }

    @Test func divergenceIsAnError() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.input, classes: 10, maximumBatch: 32)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 1e20))
        #expect(throws: TrainingError(.diverged, "")) { try Self.train(network, network.parameters(), data, spec) }
    }

    @Test func dropoutFollowsTheSeed() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<40))
        func train(_ dropout: Float, key: UInt64) throws -> [UInt32] {
            let network = try ModelZoo.makeNetwork(
                ModelSpec(architecture: "mlp", hidden: [16], dropout: dropout), input: data.input, classes: 10,
                maximumBatch: 40)
            network.initialize(using: SeededGenerator(key: 1))
            let spec = LocalTrainingSpec(steps: 3, batchSize: 40, optimizer: OptimizerSpec(learningRate: 0.1))
            _ = try Self.train(network, network.parameters(), data, spec, key: key)
            return network.parameters().map(\.bitPattern)
        }
        #expect(try train(0.5, key: 1) == train(0.5, key: 1))
        #expect(try train(0.5, key: 1) != train(0.5, key: 2))
        #expect(try train(0.5, key: 1) != train(0, key: 1))
    }

    @Test func aScheduleScalesTheSteps() throws {
        let (network, data) = try Self.balanced()
        let spec = LocalTrainingSpec(
            steps: 1, batchSize: 2, optimizer: OptimizerSpec(learningRate: 0.5, weightDecay: 0.5),
            schedule: ScheduleSpec(.cosine(minimum: 0)))
        for (round, expected) in [(0, Float(0.75)), (1, 0.875), (2, 1)] {
            // Half way the cosine is at 1/2; a scale of 0 leaves the model alone.
            let scale = round == 2 ? 0 : spec.schedule.scale(round, of: 2)
            _ = try LocalTraining.train(
                network: network, base: [1, 1, 1, 1], data: data, spec: spec, rateScale: scale,
                generator: SeededGenerator(key: 1))
            #expect(network.parameters() == [Float](repeating: expected, count: 4))
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let (network, data) = try Self.balanced()
        let spec = LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1))
        let base = network.parameters()
        var bad = spec
        bad.optimizer.momentum = 1
        #expect(throws: TrainingError(.invalidSpecification, "")) { try Self.train(network, base, data, bad) }
        #expect(throws: TrainingError(.shapeMismatch, "")) { try Self.train(network, base + [1], data, spec) }
        #expect(throws: TrainingError(.shapeMismatch, "")) { try Self.train(network, base, data.subset([]), spec) }
        let digits = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        #expect(throws: TrainingError(.shapeMismatch, "")) { try Self.train(network, base, digits, spec) }
        #expect(throws: TrainingError(.shapeMismatch, "")) {
            try Self.train(network, base, data.subset([Int](repeating: 0, count: 40)), spec)
        }
    }

    @Test func mlpLearnsDigits() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 64)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 20, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1))
        let before = try Evaluator.evaluate(network: network, data: data.test)
        let outcome = try Self.train(network, network.parameters(), data.train, spec)
        let after = try Evaluator.evaluate(network: network, data: data.test)
        #expect(before.accuracy < 0.3)
        #expect(after.accuracy >= 0.95)
        #expect(after.loss < before.loss / 4)
        #expect(outcome.exampleCount == data.train.count)
        #expect(outcome.metrics.accuracy > 0.95)
    }

    /// A branch that the objective does not go through keeps its own scale and shift, whatever the weight decay; what
    /// branches share moves.
    @Test(arguments: [
        ([], [".adversarial.weight", ".adversarial.bias"]),
        (
            [ObjectiveTerm.adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.1, steps: 1), weight: 1))],
            ["dual.weight", "dual.bias"]
        ),
        ([.adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.1, steps: 1)))], []),
        ([.calibration(weight: 1)], ["dual.weight", "dual.bias"]), ([.calibration(weight: 0.5)], []),
    ])
    func unusedBranchesDoNotDecay(_ terms: [ObjectiveTerm], _ still: [String]) throws {
        let shape = InputShape(channels: 2, height: 3, width: 3)
        let network = try Network(
            [
                .convolution("conv", outputs: 4, kernel: 3, padding: 1), .batchNorm("dual", branches: .separateAffine),
                .relu, .batchNorm("shared", branches: .sharedAffine), .batchNorm("plain"), .flatten,
                .linear("fc", outputs: 3),
            ], input: shape, maximumBatch: 4)
        network.initialize(using: SeededGenerator(key: 3))
        // Shifts that are not 0 could decay too.
        let base = network.parameters().map { $0 + 0.25 }
        let data = try Dataset(
            name: "eight", input: shape, classes: 3, images: (0..<18 * 8).map { Float($0 % 11) / 11 },
            labels: (0..<8).map { Int32($0 % 3) })
        for rule in OptimizerSpec.Name.allCases {
            let spec = LocalTrainingSpec(
                epochs: 2, batchSize: 4, optimizer: OptimizerSpec(name: rule, learningRate: 0.1, weightDecay: 0.1),
                objective: [.crossEntropy(), .proximal(mu: 0.1)] + terms)
            _ = try Self.train(network, base, data, spec)
            let after = network.parameters()
            for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
            where !parameter.role.isStatistics {
                let isStill = still.contains { parameter.name.hasSuffix($0) }
                #expect((after[segment] == base[segment]) == isStill, "\(rule): \(parameter.name)")
            }
        }
    }

    @Test func evaluationDoesNotDependOnTheBatch() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "lenet"), input: data.input, classes: 10, maximumBatch: 100)
        network.initialize(using: SeededGenerator(key: 4))
        let base = network.parameters()
        let whole = try Evaluator.evaluate(network: network, data: data, batchSize: 100)
        let single = try Evaluator.evaluate(network: network, data: data, batchSize: 1)
        #expect(whole.accuracy == single.accuracy)
        #expect(abs(whole.loss - single.loss) < 1e-5)
        #expect(network.parameters() == base)
    }
}
