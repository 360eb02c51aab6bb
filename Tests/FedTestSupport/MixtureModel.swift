// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
package import FedStore
internal import FedTraining
internal import Foundation

/// A model of base networks with dual batch norms, trained on the embedded digits once for a process: what a run of strategy
/// split-mix leaves, without a run.
package enum MixtureModel {
    /// How many base networks it has.
    package static let bases = 4

    /// What it is.
    package static func card() throws -> ModelCard {
        ModelCard(
            model: ModelSpec(
                architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualSeparate, bases: bases),
            examples: ExampleShape(channels: 1, height: 8, width: 8, classes: 10), dataset: "digits",
            classNames: (0..<10).map { "digit \($0)" })
    }

    /// As a checkpoint with its card.
    package static func checkpoint() throws -> Checkpoint {
        let card = try card()
        let layout = try ModelZoo.layout(
            card.model, input: InputShape(channels: 1, height: 8, width: 8), classes: card.examples.classes)
        var checkpoint = Checkpoint(
            run: try RunID("mixture-1"), version: ModelVersion(3),
            parameters: try ParameterVector(layout: layout, values: trained.get()))
        try checkpoint.describe(card)
        return checkpoint
    }

    /// Writes the model to a new folder, runs `body` with the file's path, and removes both.
    package static func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mixture-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try CheckpointFile.write(checkpoint(), name: "model.safetensors", in: folder.path)
        return try await body(folder.appendingPathComponent("model.safetensors").path)
    }

    /// The parameters of all bases, each trained on its own, the later ones for longer.
    private static let trained = Result<[Float], any Error> {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train
        var spec = try card().model
        spec.bases = 1
        return try (0..<bases).flatMap { number in
            let network = try ModelZoo.makeNetwork(spec, input: data.input, classes: data.classes, maximumBatch: 32)
            network.initialize(using: SeededGenerator(key: 7).stream("base", UInt64(number)))
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: data,
                spec: LocalTrainingSpec(
                    epochs: 3 + number, batchSize: 32, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9),
                    objective: [
                        .crossEntropy(),
                        .adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.1, steps: 3), weight: 0.5)),
                    ]),
                generator: SeededGenerator(key: UInt64(number)))
            return network.parameters()
        }
    }
}
