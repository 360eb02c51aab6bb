// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Every layer and the loss against central differences; input gradients are checked through the layer in front.
@Suite struct GradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var input: InputShape
        var layers: [LayerSpec]
        var mode = PassMode.training
        /// Whether the loss has points without a derivative.
        var hasKinks = false
        /// Half the distance of the two evaluations.
        var step: Float { hasKinks ? 1e-3 : 1e-2 }
    }

    static let plain = InputShape(channels: 6, height: 1, width: 1)
    static let image = InputShape(channels: 2, height: 6, width: 5)
    static let wide = InputShape(channels: 1, height: 4, width: 21)
    static let head: [LayerSpec] = [.flatten, .linear("head", outputs: 3)]

    static let cases = [
        Case(testDescription: "linear", input: plain, layers: [.linear("a", outputs: 4)] + head),
        Case(
            testDescription: "convolution, padded", input: image,
            layers: [.convolution("a", outputs: 3, kernel: 3, padding: 1), .convolution("b", outputs: 2, kernel: 3)]
                + head),
        Case(
            testDescription: "convolution, strided", input: image,
            layers: [
                .convolution("a", outputs: 3, kernel: 3, padding: 1),
                .convolution("b", outputs: 2, kernel: 3, stride: 2, padding: 1),
            ] + head),
        Case(
            testDescription: "convolution without bias", input: image,
            layers: [
                .convolution("a", outputs: 3, kernel: 1, bias: false),
                .convolution("b", outputs: 2, kernel: 2, bias: false),
            ] + head),
        Case(
            testDescription: "convolution wider than a block", input: wide,
            layers: [
                .convolution("a", outputs: 2, kernel: 3, padding: 1),
                .convolution("b", outputs: 2, kernel: 3, padding: 1),
            ] + head),
        Case(
            testDescription: "batch norm of vectors", input: plain,
            layers: [.linear("a", outputs: 5), .batchNorm("bn")] + head),
        Case(
            testDescription: "batch norm of maps", input: image,
            layers: [.convolution("a", outputs: 3, kernel: 3), .batchNorm("bn")] + head),
        Case(
            testDescription: "batch norm by running statistics", input: image,
            layers: [.convolution("a", outputs: 3, kernel: 3), .batchNorm("bn")] + head, mode: .evaluation),
        Case(
            testDescription: "ReLU", input: plain, layers: [.linear("a", outputs: 8), .relu] + head, hasKinks: true),
        Case(
            testDescription: "pooling", input: image,
            layers: [.convolution("a", outputs: 3, kernel: 3, padding: 1), .maxPool(size: 2, stride: 2)] + head,
            hasKinks: true),
        Case(
            testDescription: "pooling wider than a block", input: InputShape(channels: 1, height: 4, width: 22),
            layers: [.convolution("a", outputs: 3, kernel: 3, padding: 1), .maxPool(size: 2, stride: 2)] + head,
            hasKinks: true),
        Case(
            testDescription: "overlapping pooling", input: image,
            layers: [.convolution("a", outputs: 3, kernel: 3, padding: 1), .maxPool(size: 3, stride: 2)] + head,
            hasKinks: true),
        Case(
            testDescription: "a whole network", input: InputShape(channels: 1, height: 8, width: 8),
            layers: [
                .convolution("conv1", outputs: 3, kernel: 5, padding: 2), .batchNorm("bn1"),
                .maxPool(size: 2, stride: 2), .relu, .convolution("conv2", outputs: 4, kernel: 3, padding: 1),
                .maxPool(size: 2, stride: 2), .relu, .flatten, .linear("fc1", outputs: 6), .batchNorm("bn2"), .relu,
                .linear("fc2", outputs: 3),
            ], hasKinks: true),
    ]

    @Test(arguments: cases)
    func backwardMatchesCentralDifferences(_ example: Case) throws {
        let batch = 5
        let network = try Network(example.layers, input: example.input, maximumBatch: batch)
        network.initialize(using: SeededGenerator(key: 11))
        var generator = SeededGenerator(key: 12)
        var base = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
        where parameter.name.hasPrefix("bn") {
            for index in segment { base[index] = 0.5 + generator.nextUnitFloat() }
        }
        let images = (0..<(batch * example.input.count)).map { _ in 2 * generator.nextUnitFloat() - 1 }
        let labels: [Int32] = [0, 1, 2, 1, 0]

        try network.loadParameters(base)
        let (middle, gradient) = network.lossAndGradient(images: images, labels: labels, mode: example.mode)
        func loss(_ index: Int, _ change: Float) throws -> Double {
            var moved = base
            moved[index] += change
            try network.loadParameters(moved)
            return network.lossAndGradient(images: images, labels: labels, mode: example.mode).loss
        }
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
        where !parameter.role.isStatistics {
            let rms = (segment.reduce(0.0) { $0 + Double(gradient[$1] * gradient[$1]) } / Double(segment.count))
                .squareRoot()
            var error = 0.0
            var norm = 0.0
            var checked = 0
            for index in segment {
                let up = try loss(index, example.step)
                let down = try loss(index, -example.step)
                // Where the slopes on both sides differ, a maximum changed sides in between: no derivative to compare.
                let bend = abs(up + down - 2 * middle) / Double(example.step)
                guard !example.hasKinks || bend <= 0.03 * rms else { continue }
                checked += 1
                let distance = Double((base[index] + example.step) - (base[index] - example.step))
                let expected = (up - down) / distance
                error += (Double(gradient[index]) - expected) * (Double(gradient[index]) - expected)
                norm += expected * expected
            }
            // Behind a normalisation by the batch, a bias has no effect: its gradient is 0 but for rounding.
            let isWithoutEffect = rms < 1e-6
            #expect(isWithoutEffect || 10 * checked >= 7 * segment.count, "\(parameter.name): \(checked) checked")
            let scale = max(norm.squareRoot(), 0.03)
            #expect(
                error.squareRoot() <= 0.01 * scale, "\(parameter.name): \(error.squareRoot()) of \(norm.squareRoot())")
        }
    }

    @Test func statisticsHaveNoGradient() throws {
        let network = try Network(
            [.linear("a", outputs: 4), .batchNorm("bn"), .linear("b", outputs: 2)], input: Self.plain, maximumBatch: 3)
        network.initialize(using: SeededGenerator(key: 3))
        let images = (0..<18).map { Float($0 % 5) }
        let (_, gradient) = network.lossAndGradient(images: images, labels: [0, 1, 0], mode: .training)
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            let isZero = gradient[segment].allSatisfy { $0 == 0 }
            if parameter.name != "a.bias" { #expect(isZero == parameter.role.isStatistics, "\(parameter.name)") }
        }
    }
}
