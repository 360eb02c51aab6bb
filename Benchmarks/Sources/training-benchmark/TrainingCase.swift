// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

/// One line of the comparison: a network, its input and how it is trained.
struct TrainingCase: Sendable {
    /// What the command line and `torch_steps.py` call it.
    let name: String
    /// The network; nil where the engine does not have it.
    let model: ModelSpec?
    /// The shape of one example.
    let input: InputShape
    /// Examples a step.
    let batch: Int
    /// What a step minimises.
    var objective: [ObjectiveTerm] = [.crossEntropy]

    private static let grey28 = InputShape(channels: 1, height: 28, width: 28)
    private static let colour28 = InputShape(channels: 3, height: 28, width: 28)
    private static let colour32 = InputShape(channels: 3, height: 32, width: 32)
    private static let mlp = ModelSpec(architecture: "mlp", hidden: [200, 200])
    private static let leNet = ModelSpec(architecture: "lenet")

    /// Every case, in the order of the report.
    static let all = [
        TrainingCase(name: "mlp-10", model: mlp, input: grey28, batch: 10),
        TrainingCase(name: "mlp-32", model: mlp, input: grey28, batch: 32),
        TrainingCase(name: "mlp-128", model: mlp, input: grey28, batch: 128),
        TrainingCase(name: "lenet-10", model: leNet, input: grey28, batch: 10),
        TrainingCase(name: "lenet-32", model: leNet, input: grey28, batch: 32),
        TrainingCase(name: "lenet-128", model: leNet, input: grey28, batch: 128),
        TrainingCase(name: "digits-cnn-32", model: nil, input: colour28, batch: 32),
        TrainingCase(name: "digits-cnn-128", model: nil, input: colour28, batch: 128),
        TrainingCase(name: "digits-cnn-eighth-32", model: nil, input: colour28, batch: 32),
        TrainingCase(name: "preact-resnet18-eighth-32", model: nil, input: colour32, batch: 32),
        TrainingCase(name: "digits-cnn-eighth-pgd7-32", model: nil, input: colour28, batch: 32),
    ]
}
