// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension ModelZoo {
    /// What the tensors that stay with a worker begin with: scales and variances with 1, shifts and means with 0.
    ///
    /// `parts` are of a model of the same specification. Throws as `makeNetwork`.
    public static func initialOwn(
        _ parts: ModelParts, of spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> [Float] {
        guard !parts.isWhole else { return [] }
        let network = try makeNetwork(
            spec.network(for: .bases([0])), input: input, classes: classes, maximumBatch: 1)
        network.initialize(using: SeededGenerator(key: 0))
        let values = network.parameters()
        return parts.own(of: (0..<spec.bases).flatMap { _ in values })
    }
}
