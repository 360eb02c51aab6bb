// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct SmoothOutTests {
    private static let shape = InputShape(channels: 3, height: 1, width: 1)
    private static let layers: [LayerSpec] = [
        .linear("a", outputs: 21), .batchNorm("bn"), .relu, .linear("b", outputs: 4),
    ]
    private static let labels: [Int32] = [0, 1, 2, 3, 1]

    private static func images() -> [Float] {
        var generator = SeededGenerator(key: 3)
        return (0..<(labels.count * shape.count)).map { _ in generator.nextUnitFloat() }
    }

    /// The noise of entry `index`, written from Steele, Lea and Flood 2014: SplitMix64's output number `index` after
    /// `key`.
    private static func noise(_ key: UInt64, _ index: Int) -> Float {
        var z = key &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return (Float(z >> 40) - Float(1 << 23) + 0.5) * 0x1p-23
    }

    private static func moved(
        _ base: [Float], _ layout: ModelLayout, _ spec: SmoothOutSpec, key: UInt64
    ) -> [Float] {
        var moved = base
        for (parameter, segment) in zip(layout.parameters, layout.segments)
        where parameter.role == .weight || parameter.role == .bias {
            for index in segment {
                let size = spec.scaling == .magnitude ? abs(base[index]) : 1
                moved[index] += spec.range * noise(key, index) * size
            }
        }
        return moved
    }

    /// θ_new − θ = −η∇L(θ + u), to the bit.
    @Test(arguments: [SmoothOutSpec(range: 0.25), SmoothOutSpec(range: 0.25, scaling: .magnitude)])
    func theStepIsTheGradientBesideTheParameters(_ spec: SmoothOutSpec) throws {
        let network = try Network(Self.layers, input: Self.shape, maximumBatch: 5)
        network.initialize(using: SeededGenerator(key: 1))
        let base = network.parameters()
        let data = try Dataset(
            name: "five", input: Self.shape, classes: 4, images: Self.images(), labels: Self.labels)
        let generator = SeededGenerator(key: 2)
        let training = LocalTrainingSpec(
            steps: 1, batchSize: 5, optimizer: OptimizerSpec(learningRate: 0.5), smoothOut: spec)
        let outcome = try LocalTraining.train(
            network: network, base: base, data: data, spec: training, generator: generator)
        let trained = network.parameters()

        // The same examples in the order of the first epoch.
        var order = Array(0..<5)
        var stream = generator.stream("epoch", 0)
        stream.shuffle(&order)
        let shuffled = data.subset(order)
        let images = order.flatMap { Array(Self.images()[($0 * 3)..<($0 * 3 + 3)]) }
        let key = generator.stream("smoothOut", 0).key
        try network.loadParameters(Self.moved(base, network.layout, spec, key: key))
        let (loss, gradient) = network.lossAndGradient(images: images, labels: shuffled.labels, mode: .training)
        #expect(loss == outcome.metrics.loss)
        let statistics = network.parameters()
        var isMoved = false
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            for index in segment {
                let expected =
                    parameter.role.isStatistics ? statistics[index] : base[index] - 0.5 * gradient[index]
                #expect(trained[index] == expected, "\(parameter.name)")
                isMoved = isMoved || expected != base[index]
            }
        }
        #expect(isMoved)
    }

    @Test func noiseIsUniformAndDiffersBetweenSteps() {
        let values = (0..<20_000).map { Self.noise(7, $0) }
        #expect(values.allSatisfy { abs($0) < 1 })
        let mean = values.reduce(0) { $0 + Double($1) } / 20_000
        let square = values.reduce(0) { $0 + Double($1) * Double($1) } / 20_000
        // Standard errors: 0.0041 and 0.0021.
        #expect(abs(mean) < 0.016)
        #expect(abs(square - 1.0 / 3) < 0.009)
        #expect(values != (0..<20_000).map { Self.noise(8, $0) })
    }
}
