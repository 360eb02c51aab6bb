// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// What an attack may do to an example, exactly, and that it raises the loss.
@Suite struct AttackTests {
    static let shape = InputShape(channels: 2, height: 5, width: 5)
    static let batch = 6

    /// Values of [0, 1] of all magnitudes, its ends among them.
    static func images(_ key: UInt64, count: Int = batch * shape.count) -> [Float] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { index in
            switch index % 5 {
            case 0: Float(index % 2)
            case 1: generator.nextUnitFloat() * 0x1p-20
            case 2: 1 - generator.nextUnitFloat() * 0x1p-6
            default: generator.nextUnitFloat()
            }
        }
    }

    static let labels = (0..<Int32(batch)).map { $0 % 3 }

    static func network(_ layers: [LayerSpec], key: UInt64 = 3) throws -> Network {
        let network = try Network(layers, input: shape, maximumBatch: batch)
        network.initialize(using: SeededGenerator(key: key))
        return network
    }

    static let linear: [LayerSpec] = [.flatten, .linear("fc", outputs: 3)]
    static let convolutional: [LayerSpec] = [
        .convolution("conv", outputs: 4, kernel: 3, padding: 1), .batchNorm("bn", branches: .separateAffine), .relu,
        .flatten, .linear("fc", outputs: 3),
    ]

    /// The largest change and the Euclidean length of all changes of example `row`, without rounding worth speaking of.
    static func distances(_ attacked: [Float], _ images: [Float], row: Int) -> (largest: Double, length: Double) {
        let changes = (0..<shape.count).map {
            Double(attacked[row * shape.count + $0]) - Double(images[row * shape.count + $0])
        }
        return (changes.map(abs).max() ?? 0, changes.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }

    static let specs: [AttackSpec] = {
        var specs: [AttackSpec] = []
        for norm in AttackSpec.Norm.allCases {
            for epsilon: Float in [0, 1e-9, 1.0 / 3, 8.0 / 255, 0.1, 1] {
                for steps in [0, 1, 7] {
                    for restarts in [1, 3] {
                        specs.append(AttackSpec(norm: norm, epsilon: epsilon, steps: steps, restarts: restarts))
                    }
                    specs.append(AttackSpec(norm: norm, epsilon: epsilon, steps: steps, randomStart: false))
                }
            }
            specs.append(AttackSpec(norm: norm, epsilon: 0.25, steps: 20, stepSize: 3))
        }
        return specs
    }()

    /// Exact: the differences of floats are taken in double precision, where they are exact or as good as that.
    @Test(arguments: specs)
    func staysWithinEpsilonAndTheUnitBox(_ spec: AttackSpec) throws {
        for layers in [Self.linear, Self.convolutional] {
            let network = try Self.network(layers)
            for key: UInt64 in 0..<3 {
                let images = Self.images(key)
                let attacked = network.attacked(
                    images: images, labels: Self.labels, by: spec, generator: SeededGenerator(key: key))
                #expect(attacked.allSatisfy { $0 >= 0 && $0 <= 1 })
                for row in 0..<Self.batch {
                    let (largest, length) = Self.distances(attacked, images, row: row)
                    #expect((spec.norm == .linf ? largest : length) <= Double(spec.epsilon))
                }
                let moves = spec.epsilon > 1e-8 && (spec.steps > 0 || spec.randomStart)
                #expect((attacked != images) == moves || spec.epsilon == 1e-9)
            }
        }
    }

    @Test(arguments: AttackSpec.Norm.allCases)
    func nothingToDoChangesNothing(_ norm: AttackSpec.Norm) throws {
        let network = try Self.network(Self.convolutional)
        let images = Self.images(1)
        for spec in [
            AttackSpec(norm: norm, epsilon: 0.5, steps: 0, randomStart: false),
            AttackSpec(norm: norm, epsilon: 0, steps: 7), AttackSpec(norm: norm, epsilon: 0, steps: 7, restarts: 2),
        ] {
            let attacked = network.attacked(images: images, labels: Self.labels, by: spec)
            #expect(attacked.map(\.bitPattern) == images.map(\.bitPattern))
        }
    }

    @Test func theNetworkStaysAsItIs() throws {
        let network = try Self.network(Self.convolutional)
        let before = network.parameters()
        _ = network.attacked(images: Self.images(1), labels: Self.labels, by: .pgd(epsilon: 0.1, steps: 7))
        #expect(network.parameters().map(\.bitPattern) == before.map(\.bitPattern))
    }

    /// One linear layer, worked out by hand: the gradient of the loss is Σ_c (p_c − y_c) w_c.
    @Test func oneStepFollowsTheGradient() throws {
        let shape = InputShape(channels: 1, height: 1, width: 3)
        let network = try Network([.flatten, .linear("fc", outputs: 2)], input: shape, maximumBatch: 1)
        try network.loadParameters([3, -4, 0, -3, 4, 0, 0, 0])
        // Away from class 0 is −w_0 and +w_1, that is the direction (−3, 4, 0) / 5.
        let image: [Float] = [0.5, 0.5, 0.5]
        let fast = network.attacked(images: image, labels: [0], by: .fgsm(epsilon: 0.25))
        #expect(fast == [0.25, 0.75, 0.5])
        let short = AttackSpec(norm: .l2, epsilon: 0.5, steps: 1, stepSize: 0.25, randomStart: false)
        let moved = network.attacked(images: image, labels: [0], by: short)
        #expect(zip(moved, [Float(0.35), 0.7, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
        // Twice 0.25 goes 0.5 far, and more steps do not go further.
        for steps in [2, 3, 10] {
            var long = short
            long.steps = steps
            let moved = network.attacked(images: image, labels: [0], by: long)
            #expect(zip(moved, [Float(0.2), 0.9, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
        }
        // The box comes on top of the ball.
        let cut = network.attacked(images: [0.1, 0.95, 1], labels: [0], by: .fgsm(epsilon: 0.25))
        #expect(cut == [0, 1, 1])
    }

    /// The loss of a linear model is convex, so that no step of ascent can lower it.
    @Test(arguments: AttackSpec.Norm.allCases, [false, true])
    func everyStepRaisesTheLossOfALinearModel(_ norm: AttackSpec.Norm, _ randomStart: Bool) throws {
        let network = try Self.network(Self.linear)
        // In the middle of the box, which the ball does not leave.
        var generator = SeededGenerator(key: 5)
        let images = (0..<Self.batch * Self.shape.count).map { _ in 0.4 + 0.2 * generator.nextUnitFloat() }
        for row in 0..<Self.batch {
            let image = Array(images[row * Self.shape.count..<(row + 1) * Self.shape.count])
            var last = -Double.infinity
            for steps in 0...12 {
                let spec = AttackSpec(
                    norm: norm, epsilon: 0.3, steps: steps, stepSize: 0.05, randomStart: randomStart)
                let attacked = network.attacked(images: image, labels: [Self.labels[row]], by: spec)
                let loss = network.lossAndGradient(
                    images: attacked, labels: [Self.labels[row]], mode: .evaluation
                ).loss
                #expect(loss >= last - 1e-6)
                last = loss
            }
            let clean = network.lossAndGradient(images: image, labels: [Self.labels[row]], mode: .evaluation).loss
            #expect(last > clean + 0.05)
        }
    }

    /// The result for an example depends on its own stream, not on the batch around it.
    @Test(arguments: AttackSpec.Norm.allCases)
    func theBatchDoesNotMatter(_ norm: AttackSpec.Norm) throws {
        let network = try Self.network(Self.convolutional)
        let images = Self.images(2)
        let spec = AttackSpec(norm: norm, epsilon: 0.2, steps: 0)
        let generator = SeededGenerator(key: 9)
        let together = network.attacked(images: images, labels: Self.labels, by: spec, generator: generator)
        #expect(
            network.attacked(images: images, labels: Self.labels, by: spec, generator: generator) == together)
        var single: [Float] = []
        for row in 0..<Self.batch {
            single += network.attacked(
                images: Array(images[row * Self.shape.count..<(row + 1) * Self.shape.count]),
                labels: [Self.labels[row]], by: spec, generator: generator, first: row)
        }
        #expect(single == together)
        #expect(
            network.attacked(images: images, labels: Self.labels, by: spec, generator: SeededGenerator(key: 10))
                != together)
    }

    /// Random starts reach all of the box, and of the ball most of its volume lies near the surface.
    @Test func randomStartsAreUniform() throws {
        let network = try Self.network(Self.linear)
        let images = [Float](repeating: 0.5, count: Self.batch * Self.shape.count)
        var sum = 0.0
        var squares = 0.0
        var lengths: [Double] = []
        let rounds: UInt64 = 200
        for key in 0..<rounds {
            let generator = SeededGenerator(key: key)
            let boxed = network.attacked(
                images: images, labels: Self.labels, by: AttackSpec(epsilon: 0.25, steps: 0), generator: generator)
            for value in boxed {
                sum += Double(value) - 0.5
                squares += (Double(value) - 0.5) * (Double(value) - 0.5)
            }
            let ball = network.attacked(
                images: images, labels: Self.labels, by: AttackSpec(norm: .l2, epsilon: 0.25, steps: 0),
                generator: generator)
            for row in 0..<Self.batch { lengths.append(Self.distances(ball, images, row: row).length / 0.25) }
        }
        let count = Double(rounds) * Double(images.count)
        #expect(abs(sum / count) < 4 * 0.25 / (3 * count).squareRoot())
        #expect(abs(squares / count / (0.25 * 0.25) - 1.0 / 3) < 0.005)
        // (r / ε)^n is uniform in [0, 1].
        let volumes: [Double] = lengths.map { length in
            (0..<Self.shape.count).reduce(1) { product, _ in product * length }
        }
        let mean = volumes.reduce(0, +) / Double(volumes.count)
        #expect(abs(mean - 0.5) < 4 * (1 / (12 * Double(volumes.count))).squareRoot())
    }

    /// Of several starts the worst one stays, example by example.
    @Test(arguments: AttackSpec.Norm.allCases)
    func restartsKeepTheLargestLoss(_ norm: AttackSpec.Norm) throws {
        let network = try Self.network(Self.convolutional)
        let images = Self.images(4)
        var gain = 0.0
        for row in 0..<Self.batch {
            let image = Array(images[row * Self.shape.count..<(row + 1) * Self.shape.count])
            var losses: [Double] = []
            for restarts in 1...5 {
                let spec = AttackSpec(norm: norm, epsilon: 0.5, steps: 1, stepSize: 0.01, restarts: restarts)
                let attacked = network.attacked(images: image, labels: [Self.labels[row]], by: spec)
                losses.append(
                    network.lossAndGradient(
                        images: attacked, labels: [Self.labels[row]],
                        mode: PassMode(statistics: .running, branch: .adversarial)
                    ).loss)
            }
            #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 <= $1 + 1e-6 })
            gain += losses[4] - losses[0]
        }
        #expect(gain > 0.01)
    }

    @Test func theChosenBranchIsAttacked() throws {
        let network = try Self.network(Self.convolutional)
        var values = network.parameters()
        var generator = SeededGenerator(key: 8)
        for (index, parameter) in network.layout.parameters.enumerated()
        where parameter.role.isStatistics
            && parameter.name.hasSuffix("mean")
        {
            for position in network.layout.segments[index] { values[position] = generator.nextUnitFloat() - 0.5 }
        }
        try network.loadParameters(values)
        let images = Self.images(6)
        func attacked(_ branch: PassMode.Branch) -> [Float] {
            network.attacked(images: images, labels: Self.labels, by: .pgd(epsilon: 0.2, steps: 3), branch: branch)
        }
        #expect(attacked(.clean) != attacked(.adversarial))
        #expect(attacked(.mixed(0)) == attacked(.clean))
        #expect(attacked(.mixed(1)) == attacked(.adversarial))
    }
}
