// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct LocalTrainingTests {
    @Test func mlpLearnsDigits() throws {
        let data = try DatasetRegistry.load(name: "digits", path: nil)
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "mlp"), input: data.train.input, classes: 10, maximumBatch: 64)
        network.initialize(using: SeededGenerator(key: 1))
        let spec = LocalTrainingSpec(epochs: 20, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.1))
        let before = try Evaluator.evaluate(network: network, data: data.test)
        let outcome = try LocalTraining.train(
            network: network, base: network.parameters(), data: data.train, spec: spec,
            generator: SeededGenerator(key: 2))
        let after = try Evaluator.evaluate(network: network, data: data.test)
        #expect(before.accuracy < 0.3)
        #expect(after.accuracy >= 0.95)
        #expect(outcome.exampleCount == data.train.count)
    }
}
