// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// A convolutional network on real data, trained as by one worker that had all of them.
@Suite struct DigitsTrainingTests {
    /// Three epochs at learning rates of 0.05, 0.025 and 0.005. Test accuracies measured with seeds 1, 2 and 3:
    ///
    /// | seed | all | mnist | svhn | usps | meter-digits | mnist-m |
    /// |---|---|---|---|---|---|---|
    /// | 1 | 0.895 | 0.973 | 0.538 | 0.961 | 0.818 | 0.869 |
    /// | 2 | 0.907 | 0.974 | 0.565 | 0.964 | 0.846 | 0.887 |
    /// | 3 | 0.900 | 0.973 | 0.550 | 0.965 | 0.836 | 0.869 |
    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func narrowDigitsCNNLearnsFiveDomains() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits-5", path: RealData.path("")))
        let network = try ModelZoo.makeNetwork(
            ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, 8)), input: data.train.input, classes: 10,
            maximumBatch: 64)
        let generator = SeededGenerator(key: 1)
        network.initialize(using: generator)
        let spec = LocalTrainingSpec(
            batchSize: 64, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4))
        for (epoch, scale) in [Float(1), 0.5, 0.1].enumerated() {
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data.train, spec: spec, rateScale: scale,
                generator: generator.stream("round", UInt64(epoch)))
        }
        #expect(try Evaluator.evaluate(network: network, data: data.test).accuracy >= 0.87)
        let domain = try #require(data.test.attribute(named: "domain"))
        for (code, least) in [0.95, 0.45, 0.94, 0.77, 0.83].enumerated() {
            let indices = domain.codes.indices.filter { Int(domain.codes[$0]) == code }
            let accuracy = try Evaluator.evaluate(network: network, data: data.test.subset(indices)).accuracy
            #expect(accuracy >= least, "\(domain.values[code])")
        }
    }
}
