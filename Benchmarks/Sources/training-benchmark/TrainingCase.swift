// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

/// One line of the comparison: a network, its input and how it is trained.
struct TrainingCase: Sendable {
    /// What the command line and `torch_steps.py` call it.
    let name: String
    /// The network.
    let model: ModelSpec
    /// The shape of one example.
    let input: InputShape
    /// Examples a step.
    let batch: Int
    /// What a step minimises.
    var objective: [ObjectiveTerm] = [.crossEntropy()]

    private static let grey28 = InputShape(channels: 1, height: 28, width: 28)
    private static let colour28 = InputShape(channels: 3, height: 28, width: 28)
    private static let colour32 = InputShape(channels: 3, height: 32, width: 32)
    private static let mlp = ModelSpec(architecture: "mlp", hidden: [200, 200])
    private static let leNet = ModelSpec(architecture: "lenet")

    private static func digitsCNN(_ width: WidthRatio = .full) -> ModelSpec {
        ModelSpec(architecture: "digits-cnn", width: width)
    }

    /// Every case, in the order of the report.
    static func all() throws(CoreError) -> [TrainingCase] {
        let eighth = try WidthRatio(1, 8)
        return [
            TrainingCase(name: "mlp-10", model: mlp, input: grey28, batch: 10),
            TrainingCase(name: "mlp-32", model: mlp, input: grey28, batch: 32),
            TrainingCase(name: "mlp-128", model: mlp, input: grey28, batch: 128),
            TrainingCase(name: "lenet-10", model: leNet, input: grey28, batch: 10),
            TrainingCase(name: "lenet-32", model: leNet, input: grey28, batch: 32),
            TrainingCase(name: "lenet-128", model: leNet, input: grey28, batch: 128),
            TrainingCase(name: "digits-cnn-32", model: digitsCNN(), input: colour28, batch: 32),
            TrainingCase(name: "digits-cnn-128", model: digitsCNN(), input: colour28, batch: 128),
            TrainingCase(name: "digits-cnn-eighth-32", model: digitsCNN(eighth), input: colour28, batch: 32),
            TrainingCase(
                name: "preact-resnet18-eighth-32",
                model: ModelSpec(architecture: "preact-resnet18", width: eighth), input: colour32, batch: 32),
            TrainingCase(
                name: "digits-cnn-eighth-pgd7-32", model: digitsCNN(eighth), input: colour28, batch: 32,
                objective: [
                    .crossEntropy(), .adversarial(AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7))),
                ]),
        ]
    }
}
