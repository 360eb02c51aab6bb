// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Auto-PGD (Croce and Hein, ICML 2020).
@Suite struct AutomaticAscentTests {
    private static let convolutional: [LayerSpec] = [
        .convolution("conv1", outputs: 4, kernel: 3, padding: 1), .batchNorm("bn", branches: .separateAffine), .relu,
        .convolution("conv2", outputs: 3, kernel: 3, padding: 1), .globalAveragePool,
    ]

    /// p = 0.22, 0.41, 0.57, 0.7, 0.8, 0.87, 0.93, 0.99 (section 3.2), rounded up to whole steps.
    @Test(arguments: [
        (100, [22, 41, 57, 70, 80, 87, 93, 99]), (20, [5, 9, 12, 14, 16, 18, 19]), (3, [1, 2]), (2, [1]), (1, []),
        (0, []),
    ])
    func checkpointsLieCloserAndCloser(_ steps: Int, _ expected: [Int]) {
        #expect(AutomaticAscent.checkpoints(of: steps) == expected)
    }

    private static let specs: [AttackSpec] = {
        var specs: [AttackSpec] = []
        for norm in AttackSpec.Norm.allCases {
            for epsilon: Float in [0, 1e-9, 1.0 / 3, 8.0 / 255, 0.1, 1] {
                for steps in [0, 1, 2, 25] {
                    for (randomStart, restarts) in [(true, 1), (true, 3), (false, 1)] {
                        specs.append(
                            AttackSpec(
                                method: .apgd, norm: norm, epsilon: epsilon, steps: steps, randomStart: randomStart,
                                restarts: restarts))
                    }
                }
            }
        }
        return specs
    }()

    /// Exact: the differences of floats are taken in double precision, where they are exact or as good as that.
    @Test(arguments: specs)
    func staysWithinEpsilonAndTheUnitBox(_ spec: AttackSpec) throws {
        for layers in [AttackTests.linear, AttackTests.convolutional] {
            let network = try AttackTests.network(layers)
            let before = network.parameters()
            for key: UInt64 in 0..<2 {
                let images = AttackTests.images(key)
                let attacked = network.attacked(
                    images: images, labels: AttackTests.labels, by: spec, generator: SeededGenerator(key: key))
                #expect(attacked.allSatisfy { $0 >= 0 && $0 <= 1 })
                for row in 0..<AttackTests.batch {
                    let (largest, length) = AttackTests.distances(attacked, images, row: row)
                    #expect((spec.norm == .linf ? largest : length) <= Double(spec.epsilon))
                }
                if spec.epsilon == 0 || (spec.steps == 0 && !spec.randomStart) { #expect(attacked == images) }
            }
            #expect(network.parameters().map(\.bitPattern) == before.map(\.bitPattern))
        }
    }

    /// The best place counts, so that no step makes it worse than where it began; and it climbs.
    @Test(arguments: AttackSpec.Norm.allCases)
    func theLossIsNeverLowerThanAtTheStart(_ norm: AttackSpec.Norm) throws {
        let network = try AttackTests.network(Self.convolutional)
        let mode = PassMode(statistics: .running, branch: .adversarial)
        let count = AttackTests.shape.count
        let images = AttackTests.images(4)
        var gain = 0.0
        for row in 0..<AttackTests.batch {
            let image = Array(images[row * count..<(row + 1) * count])
            let label = [AttackTests.labels[row]]
            let clean = network.lossAndGradient(images: image, labels: label, mode: mode).loss
            for steps in [0, 1, 2, 3, 5, 10, 40] {
                let spec = AttackSpec(method: .apgd, norm: norm, epsilon: 0.3, steps: steps, randomStart: false)
                let attacked = network.attacked(images: image, labels: label, by: spec)
                let loss = network.lossAndGradient(images: attacked, labels: label, mode: mode).loss
                #expect(loss >= clean - 1e-6)
                if steps == 40 { gain += loss - clean }
            }
        }
        #expect(gain > 0.01)
    }

    /// With two classes the loss of a linear model rises with one sum, so that its maximum is the corner of the box on that side.
    @Test(arguments: [false, true], [2, 10, 100])
    func aLinearModelIsMaximisedExactly(_ randomStart: Bool, _ steps: Int) throws {
        let shape = InputShape(channels: 1, height: 2, width: 4)
        let network = try Network([.flatten, .linear("fc", outputs: 2)], input: shape, maximumBatch: 8)
        var stream = SeededGenerator(key: 12)
        let weights = (0..<16).map { _ in (stream.nextUnitFloat() - 0.5) * 0.5 }
        try network.loadParameters(weights + [0.1, -0.1])
        // Sums of sixteenths are exact.
        let images = (0..<8 * 8).map { _ in Float(stream.nextIndex(below: 17)) / 16 }
        let labels = (0..<Int32(8)).map { $0 % 2 }
        let epsilon: Float = 0.1875
        let attacked = network.attacked(
            images: images, labels: labels,
            by: AttackSpec(method: .apgd, epsilon: epsilon, steps: steps, randomStart: randomStart))
        for (place, image) in images.enumerated() {
            let towardsOne = weights[8 + place % 8] > weights[place % 8]
            let rises = towardsOne == (labels[place / 8] == 0)
            #expect(attacked[place] == min(max(image + (rises ? epsilon : -epsilon), 0), 1))
        }
    }

    /// The result for an example depends on its own stream, not on the batch around it, nor on the number of threads.
    @Test(arguments: AttackSpec.Norm.allCases)
    func theBatchAndThreadsDoNotMatterAndTheSeedDoes(_ norm: AttackSpec.Norm) throws {
        let count = 40
        let size = AttackTests.shape.count
        let images = AttackTests.images(2, count: count * size)
        let labels = (0..<Int32(count)).map { $0 % 3 }
        func attacked(by batch: Int, threads: Int = 1, key: UInt64 = 9, steps: Int = 12) throws -> [UInt32] {
            let spec = AttackSpec(method: .apgd, norm: norm, epsilon: 0.2, steps: steps, restarts: 2)
            let network = try Network(
                Self.convolutional, input: AttackTests.shape, maximumBatch: count, threads: threads)
            network.initialize(using: SeededGenerator(key: 3))
            return stride(from: 0, to: count, by: batch).flatMap { first -> [UInt32] in
                let rows = first..<min(first + batch, count)
                return network.attacked(
                    images: Array(images[rows.lowerBound * size..<rows.upperBound * size]),
                    labels: Array(labels[rows]), by: spec, generator: SeededGenerator(key: key), first: first
                ).map(\.bitPattern)
            }
        }
        let together = try attacked(by: count)
        for batch in [count, 16, 7, 1] { #expect(try attacked(by: batch) == together) }
        #expect(try attacked(by: count, threads: 3) == together)
        // Where no step leads different starts to one corner.
        #expect(try attacked(by: count, key: 10, steps: 0) != attacked(by: count, steps: 0))
    }

    /// On a model trained on digits: not weaker than PGD of as many steps, and no weaker for more starts.
    @Test func itIsNotWeakerThanPGD() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits"))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 100)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 5, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1))
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: data.train, spec: spec,
            generator: SeededGenerator(key: 1))
        func robust(_ attack: AttackSpec) throws -> Double {
            try #require(try Evaluator.evaluate(network: network, data: data.test, attack: attack).robustAccuracy)
        }
        for epsilon: Float in [0.05, 0.1] {
            let plain = try robust(.pgd(epsilon: epsilon, steps: 40))
            let automatic = try robust(.apgd(epsilon: epsilon, steps: 40))
            // Each of both may find an example or two that the other misses.
            #expect(automatic <= plain + 0.01)
            // A step that is far too long leads PGD to and fro; Auto-PGD shortens its own.
            let coarse = AttackSpec(epsilon: epsilon, steps: 40, stepSize: 2 * epsilon)
            #expect(try automatic <= robust(coarse) + 0.01)
            let starts = try (1...3).map {
                try robust(AttackSpec(method: .apgd, epsilon: epsilon, steps: 10, restarts: $0))
            }
            #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 >= $1 })
        }
    }
}
