// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// What the terms on attacked inputs and on frozen branches add up to.
@Suite struct ObjectiveTests {
    private static let generator = SeededGenerator(key: 21)
    private static let images = AttackTests.images(7)
    private static let labels = AttackTests.labels
    private static let attack = AttackSpec(epsilon: 0.15, steps: 4)

    /// A network with two batch norms whose branches differ.
    private static func network(_ branches: NormalizationBranches = .separateAffine) throws -> Network {
        let network = try Network(
            [
                .convolution("conv", outputs: 4, kernel: 3, padding: 1), .batchNorm("bn", branches: branches), .relu,
                .flatten, .linear("fc", outputs: 3),
            ], input: AttackTests.shape, maximumBatch: AttackTests.batch)
        network.initialize(using: SeededGenerator(key: 3))
        var values = network.parameters()
        var generator = SeededGenerator(key: 4)
        for (index, parameter) in network.layout.parameters.enumerated() where parameter.name.hasPrefix("bn") {
            for position in network.layout.segments[index] { values[position] += 0.5 * generator.nextUnitFloat() }
        }
        try network.loadParameters(values)
        return network
    }

    private static func objective(
        _ network: Network, _ terms: ObjectiveTerm..., smoothing: Float = 0, generator: SeededGenerator = generator
    ) -> (loss: Double, gradient: [Float]) {
        network.lossAndGradient(
            images: images, labels: labels, objective: [.crossEntropy(labelSmoothing: smoothing)] + terms,
            generator: generator)
    }

    private static func pass(
        _ network: Network, _ images: [Float], _ mode: PassMode, smoothing: Float = 0
    ) -> (loss: Double, gradient: [Float]) {
        network.lossAndGradient(
            images: images, labels: labels, mode: mode, loss: CrossEntropy(labelSmoothing: smoothing))
    }

    private static func attacked(_ network: Network, _ attack: AttackSpec) -> [Float] {
        network.attacked(images: images, labels: labels, by: attack, generator: generator)
    }

    private static func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

    private static func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
        zip(left, right).map { abs($0 - $1) }.max() ?? 0
    }

    /// At a fixed x̃ the gradient is the weighted sum; with λ = 1/2 to the bit, since halving is exact.
    @Test(
        arguments: [
            NormalizationBranches.one, .sharedAffine, .separateAffine,
        ], [Float(0.5), 0.25, 0.3])
    func theGradientIsTheWeightedSum(_ branches: NormalizationBranches, _ weight: Float) throws {
        for smoothing: Float in [0, 0.1] {
            let network = try Self.network(branches)
            let attacked = Self.attacked(network, Self.attack)
            let clean = Self.pass(network, Self.images, PassMode(statistics: .batch), smoothing: smoothing)
            let adversarial = Self.pass(
                network, attacked, PassMode(statistics: .batch, branch: .adversarial), smoothing: smoothing)
            let sum = Self.objective(
                network, .adversarial(AdversarialTerm(attack: Self.attack, weight: weight)), smoothing: smoothing)
            let expected = zip(clean.gradient, adversarial.gradient).map { (1 - weight) * $0 + weight * $1 }
            if weight == 0.5 {
                #expect(Self.bits(sum.gradient) == Self.bits(expected))
            } else {
                #expect(Self.largestDifference(sum.gradient, expected) < 1e-6)
            }
            let share = Double(weight)
            #expect(abs(sum.loss - (Double(1 - weight) * clean.loss + share * adversarial.loss)) < 1e-12)
        }
    }

    @Test func noWeightIsPlainTraining() throws {
        let network = try Self.network()
        let plain = Self.objective(network)
        let after = network.parameters()
        for term in [
            ObjectiveTerm.adversarial(AdversarialTerm(attack: Self.attack, weight: 0)), .calibration(weight: 0),
        ] {
            let network = try Self.network()
            let result = Self.objective(network, term)
            #expect(result.loss == plain.loss)
            #expect(Self.bits(result.gradient) == Self.bits(plain.gradient))
            #expect(Self.bits(network.parameters()) == Self.bits(after))
        }
    }

    /// λ = 1 makes no clean pass: the clean branch keeps its statistics and has no gradient.
    @Test func fullWeightIsAttackedInputsOnly() throws {
        let network = try Self.network()
        let before = network.parameters()
        let expected = Self.pass(
            network, Self.attacked(network, Self.attack), PassMode(statistics: .batch, branch: .adversarial))
        let result = Self.objective(network, .adversarial(AdversarialTerm(attack: Self.attack, weight: 1)))
        #expect(result.loss == expected.loss)
        #expect(Self.bits(result.gradient) == Self.bits(expected.gradient))
        let moved = network.changedRoles(since: before)
        #expect(moved == [.adversarialStatistics])
    }

    /// One strength is plain adversarial training, whatever the combination, to the bit.
    @Test(arguments: AdversarialTerm.Combination.allCases)
    func oneStrengthIsPlainAdversarialTraining(_ combination: AdversarialTerm.Combination) throws {
        let network = try Self.network()
        let plain = Self.objective(network, .adversarial(AdversarialTerm(attack: Self.attack)))
        let other = try Self.network()
        var attack = Self.attack
        attack.epsilon = 0.9
        let term = AdversarialTerm(attack: attack, strengths: [0.15], combination: combination)
        let result = Self.objective(other, .adversarial(term))
        #expect(result.loss == plain.loss)
        #expect(Self.bits(result.gradient) == Self.bits(plain.gradient))
        #expect(Self.bits(other.parameters()) == Self.bits(network.parameters()))
    }

    /// A mixed term draws each strength equally often, and the parallel gradient is the mean of what it then gets.
    @Test func mixedAndParallelHaveTheSameExpectedGradient() throws {
        let strengths: [Float] = [0, 0.05, 0.3]
        func gradient(_ strengths: [Float], _ combination: AdversarialTerm.Combination, key: UInt64) throws -> [Float] {
            // The random starts stay the same, so that only the strength that is drawn tells two results apart.
            let term = AdversarialTerm(
                attack: AttackSpec(epsilon: 1, steps: 3, randomStart: false), weight: 0.5, strengths: strengths,
                combination: combination)
            return Self.objective(
                try Self.network(), .adversarial(term), generator: SeededGenerator(key: key)
            ).gradient
        }
        let single = try strengths.map { try gradient([$0], .mixed, key: 1) }
        var drawn = [0, 0, 0]
        for key: UInt64 in 0..<300 {
            let mixed = try gradient(strengths, .mixed, key: key)
            drawn[try #require(single.firstIndex { Self.bits($0) == Self.bits(mixed) })] += 1
        }
        #expect(drawn.allSatisfy { (70...130).contains($0) })
        let mean = single[0].indices.map { index in (single[0][index] + single[1][index] + single[2][index]) / 3 }
        #expect(Self.largestDifference(try gradient(strengths, .parallel, key: 1), mean) < 1e-6)
        #expect(single[0] != single[1] && single[1] != single[2])
    }

    /// The frozen branch keeps its statistics byte for byte; the rest learns from both passes.
    @Test(arguments: [NormalizationBranches.sharedAffine, .separateAffine])
    func calibrationLeavesTheFrozenBranchAlone(_ branches: NormalizationBranches) throws {
        let network = try Self.network(branches)
        let before = network.parameters()
        let clean = Self.pass(network, Self.images, PassMode(statistics: .batch))
        let frozen = Self.pass(network, Self.images, PassMode(statistics: .running, branch: .adversarial))
        let result = Self.objective(network, .calibration(weight: 0.5))
        #expect(
            Self.bits(result.gradient) == Self.bits(zip(clean.gradient, frozen.gradient).map { 0.5 * $0 + 0.5 * $1 }))
        #expect(abs(result.loss - 0.5 * (clean.loss + frozen.loss)) < 1e-12)
        #expect(network.changedRoles(since: before) == [.cleanStatistics])

        // With all the weight on the frozen branch, clean statistics move as far, and nothing else does.
        let after = network.parameters()
        try network.loadParameters(before)
        let whole = Self.objective(network, .calibration(weight: 1))
        #expect(Self.bits(whole.gradient) == Self.bits(frozen.gradient) && abs(whole.loss - frozen.loss) < 1e-12)
        #expect(Self.bits(network.parameters()) == Self.bits(after))

        // The same over a whole training with all that moves parameters.
        let data = try Dataset(
            name: "noise", input: AttackTests.shape, classes: 3, images: Self.images, labels: Self.labels)
        var spec = LocalTrainingSpec(
            epochs: 3, batchSize: 4, optimizer: OptimizerSpec(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1),
            objective: [.crossEntropy(), .calibration(weight: 0.5), .proximal(mu: 0.1)])
        spec.smoothOut = SmoothOutSpec(range: 0.01)
        spec.clipNorm = 1
        _ = try LocalTraining.train(
            network: network, base: before, data: data, spec: spec, generator: SeededGenerator(key: 1))
        #expect(network.changedRoles(since: before) == [.weight, .bias, .normScale, .normShift, .cleanStatistics])
    }

    /// Every part of training that may stand beside the adversarial term, twice with the same bits.
    @Test(arguments: ["mlp", "lenet"])
    func sameSeedSameBits(_ architecture: String) throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<80))
        var spec = LocalTrainingSpec(
            epochs: 2, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9), clipNorm: 1,
            smoothOut: SmoothOutSpec(range: 0.005), augmentation: AugmentationSpec(cropPadding: 1),
            objective: [
                .crossEntropy(labelSmoothing: 0.1), .proximal(mu: 0.01),
                .adversarial(
                    AdversarialTerm(
                        attack: AttackSpec(epsilon: 0.1, steps: 2, restarts: 2), strengths: [0.05, 0.1, 0.2])),
            ])
        func train(_ key: UInt64) throws -> [UInt32] {
            let network = try ModelZoo.makeNetwork(
                ModelSpec(architecture: architecture, dropout: 0.2), input: data.input, classes: 10, maximumBatch: 32)
            network.initialize(using: SeededGenerator(key: 1))
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data, spec: spec,
                generator: SeededGenerator(key: key))
            return Self.bits(network.parameters())
        }
        let first = try train(5)
        #expect(try train(5) == first)
        #expect(try train(6) != first)
        let mixed = first
        spec.objective[2] = .adversarial(
            AdversarialTerm(
                attack: AttackSpec(epsilon: 0.1, steps: 2, restarts: 2), strengths: [0.05, 0.1, 0.2],
                combination: .parallel))
        let parallel = try train(5)
        #expect(try train(5) == parallel && parallel != mixed)
    }

    @Test func whatCannotBeAttackedOrCalibratedIsRefused() throws {
        let shape = InputShape(channels: 1, height: 1, width: 2)
        let network = try Network([.flatten, .linear("fc", outputs: 2)], input: shape, maximumBatch: 2)
        let data = try Dataset(name: "table", input: shape, classes: 2, images: [0, 1, 0.5, 2], labels: [0, 1])
        func refusal(_ term: ObjectiveTerm) -> String? {
            let spec = LocalTrainingSpec(
                optimizer: OptimizerSpec(learningRate: 0.1), objective: [.crossEntropy(), term])
            do throws(TrainingError) {
                _ = try LocalTraining.train(
                    network: network, base: network.parameters(), data: data, spec: spec,
                    generator: SeededGenerator(key: 1))
                return nil
            } catch {
                return error.code == .invalidSpecification ? error.message : nil
            }
        }
        let term = AdversarialTerm(attack: .fgsm(epsilon: 0.1))
        #expect(refusal(.adversarial(term))?.contains("table has other values, first in example 2") == true)
        #expect(refusal(.calibration(weight: 0.5))?.contains("model.normalization") == true)
        #expect(refusal(.calibration(weight: 0)) == nil)
        #expect(refusal(.adversarial(AdversarialTerm(attack: term.attack, weight: 0))) == nil)
    }

    /// On digits, under 20 steps of ε = 0.1: with attacked inputs only at least 12 points of robust accuracy more, and no
    /// more than 3 points of accuracy less.
    @Test func adversarialTrainingMakesRobust() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        func train(_ terms: [ObjectiveTerm]) throws -> (accuracy: Double, robustAccuracy: Double) {
            let network = try ModelZoo.makeNetwork(
                ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 100)
            network.initialize(using: SeededGenerator(key: 1))
            let spec = LocalTrainingSpec(
                epochs: 20, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1),
                objective: [.crossEntropy()] + terms)
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data.train, spec: spec,
                generator: SeededGenerator(key: 1))
            let result = try Evaluator.evaluate(
                network: network, data: data.test, attack: AttackSpec(epsilon: 0.1, steps: 20))
            return (result.accuracy, try #require(result.robustAccuracy))
        }
        let standard = try train([])
        let adversarial = try train([.adversarial(AdversarialTerm(attack: .pgd(epsilon: 0.1, steps: 4), weight: 1))])
        #expect(adversarial.robustAccuracy >= standard.robustAccuracy + 0.12)
        #expect(adversarial.accuracy >= standard.accuracy - 0.03)
        #expect(standard.robustAccuracy < 0.75 && standard.accuracy > 0.95)
    }
}

extension Network {
    /// The roles of those tensors whose bits are others than in `before`.
    fileprivate func changedRoles(since before: [Float]) -> Set<ParameterRole> {
        let now = parameters()
        var roles: Set<ParameterRole> = []
        for (parameter, segment) in zip(layout.parameters, layout.segments)
        where now[segment].map(\.bitPattern) != before[segment].map(\.bitPattern) {
            roles.insert(parameter.role)
        }
        return roles
    }
}
