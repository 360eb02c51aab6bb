// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// A detector that chooses a branch for each example.
@Suite struct BranchDetectorTests {
    private static let attack = AttackSpec.pgd(epsilon: 0.2, steps: 7)

    /// A small network of two branches, briefly trained against the attack, once for all tests.
    private static let trained = Result<[Float], any Error> {
        let network = try BranchDetectorTests.network()
        network.initialize(using: SeededGenerator(key: 7))
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: BranchDetectorTests.digits().train,
            spec: LocalTrainingSpec(
                epochs: 4, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9),
                objective: [
                    .crossEntropy(),
                    .adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.2, steps: 3), weight: 0.5)),
                ]),
            generator: SeededGenerator(key: 1))
        return network.parameters()
    }

    private static func digits() throws -> DatasetSplit { try DatasetRegistry.load(DatasetSource(name: "digits")) }

    private static func network(
        normalization: Normalization = .dualSeparate, threads: Int = 1
    ) throws -> Network {
        try ModelZoo.makeNetwork(
            ModelSpec(architecture: "digits-cnn", width: WidthRatio(1, 8), normalization: normalization),
            input: InputShape(channels: 1, height: 8, width: 8), classes: 10, maximumBatch: 64, threads: threads)
    }

    private static func trainedNetwork(threads: Int = 1) throws -> Network {
        let network = try Self.network(threads: threads)
        try network.loadParameters(trained.get())
        return network
    }

    /// Fitted to training examples, it tells test examples from attacked ones, and the branch that it chooses withstands more than
    /// the clean one.
    @Test func itTellsAttackedExamplesFromOthers() throws {
        let network = try Self.trainedNetwork()
        let data = try Self.digits()
        let before = network.parameters()
        let fit = try BranchDetectorFit(
            network: network, data: data.train, attack: Self.attack, examples: 400,
            generator: SeededGenerator(key: 2))
        #expect(fit.examples == 400 && fit.detector.attack == Self.attack)
        #expect(fit.detector.weights.count == network.branchFeatures)
        try fit.detector.validate()
        #expect(fit.detections > fit.falseAlarms + 0.3, "\(fit.detections) \(fit.falseAlarms)")
        let chosen = try Evaluator.evaluate(
            network: network, data: data.test, detector: fit.detector, attack: Self.attack, robustExamples: 150,
            generator: SeededGenerator(key: 3))
        let detections = try #require(chosen.detections)
        #expect(detections > chosen.falseAlarms + 0.3, "\(chosen)")
        let clean = try Evaluator.evaluate(
            network: network, data: data.test, attack: Self.attack, robustExamples: 150,
            generator: SeededGenerator(key: 3))
        #expect(chosen.evaluation.accuracy > 0.7, "\(chosen) \(clean)")
        #expect(network.parameters().map(\.bitPattern) == before.map(\.bitPattern))
    }

    @Test func theSameSeedGivesTheSameDetector() throws {
        let data = try Self.digits()
        func fit(threads: Int = 1, key: UInt64 = 2) throws -> BranchDetectorFit {
            try BranchDetectorFit(
                network: Self.trainedNetwork(threads: threads), data: data.train, attack: Self.attack, examples: 60,
                generator: SeededGenerator(key: key))
        }
        let first = try fit()
        #expect(try fit() == first)
        #expect(try fit(threads: 3) == first)
        #expect(try fit(key: 5) != first)
    }

    /// A detector that says the same of all examples is the branch that it names; attacked through both, an example withstands no
    /// more than through one.
    @Test(arguments: [false, true])
    func aDetectorThatAlwaysSaysTheSameIsABranch(_ isAttacked: Bool) throws {
        let network = try Self.trainedNetwork()
        let data = try Self.digits().test
        let count = try #require(network.branchFeatures)
        let detector = BranchDetector(
            weights: [Double](repeating: 0, count: count), offset: isAttacked ? 1 : -1, attack: Self.attack)
        let attack = AttackSpec(epsilon: 0.1, steps: 5, restarts: 2)
        let chosen = try Evaluator.evaluate(
            network: network, data: data, detector: detector, attack: attack, robustExamples: 100)
        let plain = try Evaluator.evaluate(
            network: network, data: data, adversarialShare: isAttacked ? 1 : 0, attack: attack, robustExamples: 100)
        #expect(chosen.evaluation.accuracy == plain.accuracy)
        #expect(abs(chosen.evaluation.loss - plain.loss) < 1e-5)
        let (both, one) = (try #require(chosen.evaluation.robustAccuracy), try #require(plain.robustAccuracy))
        #expect(both <= one)
        #expect(chosen.falseAlarms == (isAttacked ? 1 : 0))
        #expect(chosen.detections == (isAttacked ? 1 : 0))
        let image = data.example(at: 3)
        let answer = try #require(network.probabilities(image: image, detector: detector))
        #expect(answer.isDetected == isAttacked)
        let expected = network.probabilities(images: image, adversarialShare: isAttacked ? 1 : 0)
        for (found, expected) in zip(answer.probabilities, expected) { #expect(abs(found - expected) < 1e-6) }
    }

    @Test func whatCannotBeDetectedIsRefused() throws {
        let data = try Self.digits().train.subset(Array(0..<40))
        let refused = TrainingError(.invalidSpecification, "")
        #expect(throws: refused) {
            try BranchDetectorFit(
                network: Self.network(normalization: .batch), data: data, attack: Self.attack)
        }
        #expect(throws: refused) {
            try BranchDetectorFit(network: Self.trainedNetwork(), data: data, attack: .pgd(epsilon: 0, steps: 7))
        }
        #expect(throws: refused) {
            try BranchDetectorFit(network: Self.trainedNetwork(), data: data, attack: .pgd(epsilon: 2, steps: 7))
        }
        let other = BranchDetector(weights: [1], offset: 0, attack: Self.attack)
        #expect(throws: refused) {
            try Evaluator.evaluate(network: Self.trainedNetwork(), data: data, detector: other)
        }
        #expect(try Self.trainedNetwork().probabilities(image: data.example(at: 0), detector: other) == nil)
    }
}
