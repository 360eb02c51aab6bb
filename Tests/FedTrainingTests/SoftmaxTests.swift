// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Foundation
import Testing

/// The loss and its gradient against double precision.
@Suite struct SoftmaxTests {
    /// Logits are the parameters of a bias: the weights are 0.
    private func run(logits: [Float], label: Int32) throws -> (loss: Double, gradient: [Float]) {
        let network = try Network(
            [.linear("fc", outputs: logits.count)], input: InputShape(channels: 1, height: 1, width: 1), maximumBatch: 1
        )
        try network.loadParameters([Float](repeating: 0, count: logits.count) + logits)
        let (loss, gradient) = network.lossAndGradient(images: [1], labels: [label], mode: .training)
        return (loss, Array(gradient[logits.count...]))
    }

    @Test(
        arguments: [
            [0, 0, 0], [1, -2, 0.5], [30, -30, 2], [100, 0, -100], [-1000, -1001, -1002.5], [5e3, -5e3, 0],
            (0..<40).map { Float($0) * 0.37 - 7 },
        ] as [[Float]])
    func agreesWithDoublePrecision(_ logits: [Float]) throws {
        for label in logits.indices {
            let (loss, gradient) = try run(logits: logits, label: Int32(label))
            let largest = Double(logits.max() ?? 0)
            let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
            let expected = log(sum) - (Double(logits[label]) - largest)
            #expect(abs(loss - expected) <= 1e-6 * max(1, expected))
            for (index, logit) in logits.enumerated() {
                let probability = exp(Double(logit) - largest) / sum
                #expect(abs(Double(gradient[index]) - (probability - (index == label ? 1 : 0))) <= 5e-7)
            }
        }
    }

    @Test(arguments: [Float.nan, .infinity])
    func lossOfBrokenLogitsIsNotFinite(_ value: Float) throws {
        #expect(try !run(logits: [0, value, 1], label: 0).loss.isFinite)
    }
}
