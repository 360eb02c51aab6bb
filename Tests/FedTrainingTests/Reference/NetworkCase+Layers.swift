// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

/// Single layers and short chains, with the sizes at which blocks and tiles end.
extension NetworkCase {
    static let clean = PassMode.training
    static let adversarial = PassMode(statistics: .updating, branch: .adversarial)
    static let frozen = PassMode(statistics: .running, branch: .adversarial)
    static let mixed = PassMode(statistics: .running, branch: .mixed(0.3))
    static let mixedByBatch = PassMode(statistics: .batch, branch: .mixed(0.3))

    private static let plain = InputShape(channels: 13, height: 1, width: 1)
    private static let image = InputShape(channels: 3, height: 7, width: 5)
    private static let head: [LayerSpec] = [.flatten, .linear("head", outputs: 3)]

    /// Every kind of layer, alone and inside.
    static let layers: [NetworkCase] = {
        let map: [LayerSpec] = [.convolution("a", outputs: 5, kernel: 3, padding: 1)]
        func norm(_ branches: NormalizationBranches) -> LayerSpec { .batchNorm("bn", branches: branches) }
        let dropout = PassMode(statistics: .running, dropoutKey: 77)
        var cases = [
            NetworkCase(testDescription: "linear", input: plain, layers: [.linear("a", outputs: 8)], batch: 17),
            NetworkCase(testDescription: "linear of an image", input: image, layers: head, batch: 33),
            NetworkCase(
                testDescription: "two linear", input: plain, layers: [.linear("a", outputs: 32)] + head, batch: 3),
            NetworkCase(testDescription: "ReLU", input: image, layers: [.relu], batch: 17),
            NetworkCase(
                testDescription: "ReLU inside", input: plain, layers: [.linear("a", outputs: 13), .relu] + head,
                batch: 10),
            NetworkCase(
                testDescription: "ReLU behind a convolution", input: image, layers: map + [.relu] + head, batch: 17),
            NetworkCase(
                testDescription: "norm of vectors", input: plain, layers: [norm(.one)], batch: 10),
            NetworkCase(
                testDescription: "norm of vectors inside", input: plain,
                layers: [.linear("a", outputs: 8), norm(.one), .relu] + head, batch: 17),
            NetworkCase(testDescription: "norm of images", input: image, layers: [norm(.one)], batch: 3),
            NetworkCase(
                testDescription: "norm of one image", input: image, layers: map + [norm(.one), .relu] + head, batch: 1),
            NetworkCase(
                testDescription: "norm by the batch without updates", input: image, layers: map + [norm(.one)] + head,
                batch: 16, mode: PassMode(statistics: .batch)),
            NetworkCase(
                testDescription: "norm by running statistics", input: image,
                layers: map + [norm(.one), .relu] + head, batch: 10, mode: .evaluation),
            NetworkCase(
                testDescription: "one branch for both", input: image, layers: map + [norm(.one), .relu] + head,
                batch: 3,
                mode: adversarial),
            NetworkCase(
                testDescription: "dropout", input: image, layers: map + [.dropout(0.3)] + head, batch: 17, mode: dropout
            ),
            NetworkCase(
                testDescription: "two dropouts", input: plain,
                layers: [.dropout(0.5), .linear("a", outputs: 32), .relu, .dropout(0.25)] + head, batch: 33,
                mode: PassMode(statistics: .updating, dropoutKey: 3)),
            NetworkCase(
                testDescription: "subsample", input: image, layers: map + [.subsample(outputs: 8, stride: 2)] + head,
                batch: 3),
            NetworkCase(
                testDescription: "subsample by three", input: image, layers: [.subsample(outputs: 3, stride: 3)],
                batch: 17),
            NetworkCase(
                testDescription: "global average", input: image, layers: map + [.globalAveragePool] + head, batch: 17),
            NetworkCase(
                testDescription: "global average alone", input: image, layers: [.globalAveragePool], batch: 3),
            NetworkCase(
                testDescription: "residual, plain", input: image,
                layers: map + [.residual(body: [.convolution("b", outputs: 5, kernel: 3, padding: 1)], shortcut: [])]
                    + head, batch: 10),
            NetworkCase(
                testDescription: "residual at the beginning", input: image,
                layers: [
                    .residual(
                        body: [norm(.one), .relu, .convolution("b", outputs: 3, kernel: 3, padding: 1, bias: false)],
                        shortcut: []), .relu,
                ] + head, batch: 17),
            NetworkCase(
                testDescription: "residual, subsampled", input: image,
                layers: map + [
                    .residual(
                        body: [
                            .convolution("b", outputs: 8, kernel: 3, stride: 2, padding: 1, bias: false), norm(.one),
                        ], shortcut: [.subsample(outputs: 8, stride: 2)]), .relu,
                ] + head, batch: 17),
            NetworkCase(
                testDescription: "residual in residual", input: image,
                layers: map + [
                    .residual(
                        body: [
                            .convolution("b", outputs: 5, kernel: 1),
                            .residual(
                                body: [.convolution("c", outputs: 5, kernel: 3, padding: 1)],
                                shortcut: [.convolution("d", outputs: 5, kernel: 1, bias: false)]),
                        ], shortcut: [])
                ] + head, batch: 3),
        ]
        cases += ensembles
        for branches in [NormalizationBranches.sharedAffine, .separateAffine] {
            for (name, mode) in [
                ("clean", clean), ("adversarial", adversarial), ("frozen", frozen), ("mixed", mixed),
                ("mixed by the batch", mixedByBatch),
                ("frozen and clean", PassMode.evaluation),
            ] {
                cases.append(
                    NetworkCase(
                        testDescription: "\(branches), \(name)", input: image,
                        layers: map + [norm(branches), .relu] + head, batch: 10, mode: mode))
                cases.append(
                    NetworkCase(
                        testDescription: "\(branches) of vectors, \(name)", input: plain,
                        layers: [.linear("a", outputs: 8), norm(branches)] + head, batch: 17, mode: mode))
            }
        }
        for (width, size, stride, batch) in [
            (5, 2, 2, 3), (6, 2, 2, 16), (7, 2, 2, 17), (9, 3, 2, 1), (9, 3, 3, 10), (8, 2, 1, 3), (5, 1, 1, 17),
            (13, 4, 4, 3), (22, 2, 2, 3), (33, 2, 2, 1), (7, 2, 3, 33),
        ] {
            let input = InputShape(channels: 3, height: max(5, size), width: width)
            for (name, pool) in [
                ("max", LayerSpec.maxPool(size: size, stride: stride)),
                ("average", .averagePool(size: size, stride: stride)),
            ] {
                cases.append(
                    NetworkCase(
                        testDescription: "\(name) \(size)/\(stride) of \(width)", input: input,
                        layers: [.convolution("a", outputs: 3, kernel: 3, padding: 1), pool] + head, batch: batch))
                cases.append(
                    NetworkCase(
                        testDescription: "\(name) \(size)/\(stride) of \(width) alone", input: input, layers: [pool],
                        batch: batch))
            }
        }
        return cases
    }()

    /// Base networks side by side: as a whole network, behind a layer and before one.
    private static let ensembles: [NetworkCase] = {
        let small: [LayerSpec] = [
            .convolution("a", outputs: 3, kernel: 3, padding: 1), .batchNorm("bn", branches: .separateAffine), .relu,
            .maxPool(size: 2, stride: 2), .flatten, .linear("b", outputs: 4), .relu, .linear("c", outputs: 3),
        ]
        let deep: [LayerSpec] = [
            .convolution("a", outputs: 5, kernel: 3, padding: 1),
            .residual(
                body: [.convolution("b", outputs: 5, kernel: 3, padding: 1)],
                shortcut: [.convolution("d", outputs: 5, kernel: 1, bias: false)]),
            .globalAveragePool, .linear("c", outputs: 3),
        ]
        let front: [LayerSpec] = [.convolution("front", outputs: 5, kernel: 3, padding: 1)]
        let linear: [LayerSpec] = [.linear("a", outputs: 8), .relu, .linear("b", outputs: 3)]
        var cases = [clean, adversarial, frozen, mixed].enumerated().map { number, mode in
            NetworkCase(
                testDescription: "ensemble of two, mode \(number)", input: image,
                layers: [.ensemble([small, small])], batch: 17, mode: mode)
        }
        cases += [
            NetworkCase(
                testDescription: "ensemble of three residual networks", input: image,
                layers: [.ensemble([deep, deep, deep])], batch: 10),
            NetworkCase(
                testDescription: "ensemble of different networks inside", input: image,
                layers: front + [.ensemble([deep, small, linear]), .relu, .linear("head", outputs: 4)], batch: 17),
            NetworkCase(
                testDescription: "ensemble behind one linear layer", input: plain,
                layers: [.linear("front", outputs: 8), .ensemble([linear, linear])], batch: 3),
            NetworkCase(
                testDescription: "ensemble of one", input: plain, layers: [.ensemble([linear])], batch: 3),
        ]
        return cases
    }()

    /// Convolutions alone: every size of kernel with every size of batch, the rest drawn.
    static let convolutions: [NetworkCase] = {
        var generator = SeededGenerator(key: 2)
        func pick(_ choices: [Int]) -> Int { choices[generator.nextIndex(below: choices.count)] }
        var cases: [NetworkCase] = []
        for kernel in [1, 2, 3, 5] {
            for batch in [1, 3, 10, 16, 17, 33] {
                for bias in [true, false] {
                    cases.append(convolution(kernel: kernel, batch: batch, bias: bias, pick))
                    cases[cases.count - 1].key = UInt64(cases.count)
                }
            }
        }
        return cases
    }()

    private static func convolution(kernel: Int, batch: Int, bias: Bool, _ pick: ([Int]) -> Int) -> NetworkCase {
        while true {
            let input = InputShape(
                channels: pick([1, 2, 3, 8, 13, 32]), height: pick([1, 2, 3, 4, 5, 6, 7, 8, 9]),
                width: pick([1, 3, 4, 5, 6, 7, 8, 9, 11, 14, 17]))
            // Strides of 1 are what most networks have, and what fast methods are made for.
            let (outputs, stride, padding) = (pick([1, 2, 3, 8, 13, 32]), pick([1, 1, 1, 2, 3]), pick([0, 1, 2]))
            let layer = LayerSpec.convolution(
                "c", outputs: outputs, kernel: kernel, stride: stride, padding: padding, bias: bias)
            let work = batch * input.channels * kernel * kernel
            guard let output = try? layer.outputShape(of: input), output.count > 1, padding < kernel,
                work * output.count <= 300_000
            else {
                continue
            }
            return NetworkCase(
                testDescription:
                    "\(batch) of \(input), \(kernel)x\(kernel)/\(stride)+\(padding) to \(outputs)\(bias ? ", bias" : "")",
                input: input, layers: [layer], batch: batch)
        }
    }
}
