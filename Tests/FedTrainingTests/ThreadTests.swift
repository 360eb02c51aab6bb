// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// The number of threads decides how long a training takes and nothing else.
@Suite struct ThreadTests {
    private static let cases: [(spec: ModelSpec, batch: Int)] = [
        (ModelSpec(architecture: "mlp", hidden: [300, 40]), 100), (ModelSpec(architecture: "lenet"), 33),
        (ModelSpec(architecture: "digits-cnn", normalization: .dualShared), 48),
        (ModelSpec(architecture: "digits-cnn", bases: 3), 33),
        (ModelSpec(architecture: "preact-resnet18"), 20), (ModelSpec(architecture: "resnet20"), 81),
    ]

    @Test(arguments: cases)
    func bitsDoNotDependOnThreads(_ spec: ModelSpec, _ batch: Int) throws {
        var spec = spec
        if spec.architecture != "mlp", spec.architecture != "lenet" { spec.width = try WidthRatio(1, 8) }
        let input = InputShape(channels: 3, height: 28, width: 28)
        var generator = SeededGenerator(key: 5)
        let count = 2 * batch
        let values = (0..<(count * input.count)).map { _ in generator.nextUnitFloat() }
        let data = try Dataset(
            name: "noise", input: input, classes: 7, values: .floats(values), labels: (0..<count).map { Int32($0 % 7) })
        var results: [[Float]] = []
        for threads in [1, 2, 3, 8] {
            let network = try ModelZoo.makeNetwork(
                spec, input: input, classes: 7, maximumBatch: batch, threads: threads)
            network.initialize(using: SeededGenerator(key: 6))
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data,
                spec: LocalTrainingSpec(
                    steps: 2, batchSize: batch, optimizer: OptimizerSpec(learningRate: 0.01, momentum: 0.9)),
                generator: SeededGenerator(key: 7))
            results.append(network.parameters())
        }
        #expect(results.allSatisfy { $0 == results[0] && $0.allSatisfy(\.isFinite) })
    }

    @Test(arguments: [0, -1, 1025])
    func impossibleNumbersAreRefused(_ threads: Int) {
        let error = #expect(throws: TrainingError.self) {
            try ModelZoo.makeNetwork(
                ModelSpec(architecture: "mlp"), input: InputShape(channels: 1, height: 2, width: 2), classes: 2,
                maximumBatch: 1, threads: threads)
        }
        #expect(error?.code == .invalidModel)
    }
}
