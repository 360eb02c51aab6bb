// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// The engine's gradients, of all parameters and of the images, against central differences in double precision.
@Suite struct GradientTests {
    @Test(arguments: NetworkCase.layers)
    func layers(_ example: NetworkCase) throws { try Self.check(example) }

    @Test(arguments: NetworkCase.convolutions)
    func convolutions(_ example: NetworkCase) throws { try Self.check(example) }

    /// Layers in any order leave some tensors with gradients that are nearly cancelled, down to the rounding of others.
    @Test(arguments: NetworkCase.chains)
    func randomChains(_ example: NetworkCase) throws { try Self.check(example, samples: 3, floor: 2e-6) }

    @Test(arguments: NetworkCase.models)
    func wholeModels(_ example: NetworkCase) throws { try Self.check(example, samples: 2) }

    /// Expects every gradient of `example` to agree to 1e-4, relative to the tensor's norm, and to `floor` times the
    /// largest of any tensor.
    static func check(_ example: NetworkCase, samples: Int = 6, floor: Double = 0) throws {
        let network = try example.engine()
        let reference = try example.reference(like: network)
        let images = example.images()
        let labels = example.labels(classes: network.classes)
        let inputs = images.map(Double.init)
        let middle = reference.loss(inputs, labels: labels, mode: example.mode)
        let inputGradient = network.inputGradient(images: images, labels: labels, mode: example.mode)

        var comparison = GradientComparison(generator: SeededGenerator(key: example.key), samples: samples)
        var results = [
            comparison.compare("images", inputGradient, 0..<images.count, at: inputs, middle: middle) { point in
                reference.loss(point, labels: labels, mode: example.mode)
            }
        ]
        if case .mixed = example.mode.branch {
        } else {
            try network.loadParameters(reference.values.map(Float.init))
            let (loss, gradient) = network.lossAndGradient(images: images, labels: labels, mode: example.mode)
            #expect(abs(loss - middle) <= 1e-5 * max(middle, 1), "loss \(loss) instead of \(middle)")
            var moved = reference
            for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
                guard !parameter.role.isStatistics else {
                    #expect(gradient[segment].allSatisfy { $0 == 0 }, "\(parameter.name): statistics have no gradient")
                    continue
                }
                results.append(
                    comparison.compare(parameter.name, gradient, segment, at: reference.values, middle: middle) {
                        point in
                        moved.values = point
                        return moved.loss(inputs, labels: labels, mode: example.mode)
                    })
            }
        }
        judge(results, floor: floor)
    }

    /// The examples that a block lacks must not reach a gradient, however large their values would grow behind norms
    /// that see one example only, whose variance is 0.
    @Test(arguments: [1, 2, 15])
    func lanesWithoutExamplesStaySmall(_ batch: Int) throws {
        var layers: [LayerSpec] = [.convolution("c", outputs: 5, kernel: 1)]
        for index in 0..<20 {
            layers += [
                .batchNorm("bn\(index)"), .relu, .convolution("c\(index)", outputs: 5, kernel: 1, initial: .heNormal),
            ]
        }
        layers += [.batchNorm("bn"), .relu, .flatten, .linear("fc", outputs: 3)]
        let input = InputShape(channels: 5, height: 1, width: 1)
        let network = try Network(layers, input: input, maximumBatch: batch)
        network.initialize(using: SeededGenerator(key: 1))
        var values = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
        where parameter.role == .normShift { for index in segment { values[index] = 0.5 } }
        try network.loadParameters(values)
        let images = [[Float]](repeating: [0.1, 0.9, 0.3, 0.5, 0.7], count: batch).flatMap { $0 }
        let (loss, gradient) = network.lossAndGradient(
            images: images, labels: [Int32](repeating: 1, count: batch), mode: .training)
        #expect(loss.isFinite)
        #expect(gradient.allSatisfy { $0.isFinite })
    }

    private static func judge(_ results: [GradientComparison.Result], floor: Double) {
        let largest = results.map(\.slope).max() ?? 0
        #expect(largest > 0, "nothing has a gradient")
        var tried = 0
        var checked = 0
        for result in results {
            tried += result.tried
            checked += result.checked
            if result.slope <= 1e-7 * largest {
                // Behind a normalisation by the batch a bias has no effect: its gradient is 0 but for rounding.
                #expect(
                    result.gradient <= 5e-5 * largest,
                    "\(result.name): \(result.gradient) instead of 0, where the largest is \(largest)")
            } else {
                #expect(
                    result.error <= 1e-4 * max(result.gradient, result.slope) + floor * largest,
                    "\(result.name): differs by \(result.error) of \(result.slope), where the largest is \(largest)")
            }
        }
        #expect(10 * checked >= 9 * tried, "only \(checked) of \(tried) directions could be checked")
    }
}
