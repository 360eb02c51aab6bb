// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

/// The whole models of the zoo, narrow and on small images.
extension NetworkCase {
    private static let modes: [(normalization: Normalization, title: String, mode: PassMode)] = [
        (.batch, "training", clean), (.batch, "frozen", .evaluation), (.dualShared, "adversarial", adversarial),
        (.dualShared, "mixed", mixed), (.dualSeparate, "clean", clean), (.dualSeparate, "frozen", frozen),
    ]

    /// Every model with every normalisation that it takes.
    static let models: [NetworkCase] =
        ModelZoo.names.flatMap { name in
            modes.filter { $0.normalization == .batch || ModelZoo.normalizedNames.contains(name) }.map { setting in
                model(name, setting.normalization, setting.title, setting.mode)
            }
        } + modes[3...].map { model("digits-cnn", $0.normalization, $0.title, $0.mode, bases: 3) }

    private static func model(
        _ name: String, _ normalization: Normalization, _ title: String, _ mode: PassMode, bases: Int = 1
    ) -> NetworkCase {
        let input = InputShape(channels: 3, height: 9, width: 8)
        // Widths that leave a few channels in every layer.
        let width = name == "resnet20" ? 8 : 16
        do {
            let spec = ModelSpec(
                architecture: name, width: try WidthRatio(1, width), normalization: normalization,
                bases: bases)
            return NetworkCase(
                testDescription:
                    "\(bases == 1 ? "" : "\(bases) x ")\(name) 1/\(width), \(normalization.rawValue), \(title)",
                input: input,
                layers: try ModelZoo.layers(spec, input: input, classes: 10),
                batch: name.contains("resnet") ? 5 : 17, mode: mode)
        } catch {
            preconditionFailure("\(name) does not fit on \(input): \(error)")
        }
    }
}
