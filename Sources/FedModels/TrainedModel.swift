// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedStore
public import FedTraining
internal import Foundation

/// A model that a run has left, or one cut from it, with everything that it takes to use it.
public struct TrainedModel: Sendable {
    /// The run that it is of.
    public let run: RunID
    /// How many rounds it has been through.
    public let version: ModelVersion
    /// What it is.
    public let card: ModelCard
    /// Its parameters, base network after base network.
    public let parameters: ParameterVector

    /// Bundles them; the layout must be that of the card's model.
    package init(run: RunID, version: ModelVersion, card: ModelCard, parameters: ParameterVector) {
        self.run = run
        self.version = version
        self.card = card
        self.parameters = parameters
    }

    /// Reads a model of a finished run, or one that `write(to:)` has written.
    ///
    /// Blocks on the disk. Throws `StoreError.missing`, `.corrupt` or `.wrongModel`, or `TrainingError` for a model that this
    /// version cannot build.
    public init(reading path: String) throws {
        let card = try CheckpointFile.card(of: path)
        let layout = try ModelZoo.layout(card.model, input: InputShape(card.examples), classes: card.examples.classes)
        let checkpoint = try CheckpointFile.read(path, layout: layout)
        self.init(
            run: checkpoint.run, version: checkpoint.version, card: card, parameters: checkpoint.parameters)
    }

    /// Writes the model whole or not at all, in place of a file of the same name, and returns the `ModelDigest` of its
    /// parameters.
    ///
    /// Blocks on the disk. Throws `StoreError`.
    @discardableResult
    public func write(to path: String) throws(StoreError) -> String {
        let url = URL(fileURLWithPath: path)
        var checkpoint = Checkpoint(run: run, version: version, parameters: parameters)
        try checkpoint.describe(card)
        return try CheckpointFile.write(
            checkpoint, name: url.lastPathComponent, in: url.deletingLastPathComponent().path
        ).model
    }

    /// What it takes as one example.
    public var input: InputShape { InputShape(card.examples) }

    /// How large it is.
    public var size: ModelSize {
        get throws(TrainingError) { try ModelZoo.size(of: card.model, for: card.examples) }
    }

    /// A network with its parameters, for batches of up to `maximumBatch`; throws `TrainingError`.
    public func makeNetwork(maximumBatch: Int, threads: Int = 1) throws(TrainingError) -> Network {
        let network = try ModelZoo.makeNetwork(
            card.model, input: input, classes: card.examples.classes, maximumBatch: maximumBatch, threads: threads)
        try network.loadParameters(parameters.values)
        return network
    }
}

extension InputShape {
    /// The shape of one example.
    init(_ examples: ExampleShape) {
        self.init(channels: examples.channels, height: examples.height, width: examples.width)
    }
}
