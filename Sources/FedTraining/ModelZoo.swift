// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The architectures that a run file can name.
public enum ModelZoo {
    /// An architecture: its name and its layers for a number of classes.
    private struct Architecture {
        let name: String
        let layers: @Sendable (ModelSpec, Int) throws(TrainingError) -> [LayerSpec]
    }

    private static let architectures = [
        Architecture(name: "mlp", layers: multilayerPerceptron),
        Architecture(name: "lenet", layers: leNet),
    ]

    /// The names of all architectures.
    public static var names: [String] { architectures.map(\.name) }

    /// The layout that `makeNetwork` would give, without allocating the network.
    ///
    /// Throws as `makeNetwork` does.
    public static func layout(
        _ spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> ModelLayout {
        try Network.plan(try layers(spec, classes: classes), input: input).layout
    }

    /// Builds a network, all parameters 0; `initialize(using:)` or `loadParameters(_:)` gives them values.
    ///
    /// Throws `TrainingError.unknownArchitecture`, or `.invalidModel` where the specification breaks its rules or the
    /// network does not fit on the input.
    public static func makeNetwork(
        _ spec: ModelSpec, input: InputShape, classes: Int, maximumBatch: Int
    ) throws(TrainingError) -> Network {
        guard (1...1_000_000).contains(maximumBatch) else {
            throw TrainingError(.invalidModel, "a batch has 1 to 1000000 examples, not \(maximumBatch)")
        }
        return try Network(try layers(spec, classes: classes), input: input, maximumBatch: maximumBatch)
    }

    private static func layers(_ spec: ModelSpec, classes: Int) throws(TrainingError) -> [LayerSpec] {
        guard (2...100_000).contains(classes) else {
            throw TrainingError(.invalidModel, "a classifier has 2 to 100000 classes, not \(classes)")
        }
        guard let architecture = architectures.first(where: { $0.name == spec.architecture }) else {
            let message = NearestName.unknown("architecture", spec.architecture, among: names)
            throw TrainingError(.unknownArchitecture, "model.architecture: " + message)
        }
        return try architecture.layers(spec, classes)
    }

    /// Linear layers with ReLU between them; widths from `hidden`, by default 200 and 200.
    @Sendable
    private static func multilayerPerceptron(
        _ spec: ModelSpec, classes: Int
    ) throws(TrainingError) -> [LayerSpec] {
        let hidden = spec.hidden ?? [200, 200]
        guard hidden.count <= 64, hidden.allSatisfy({ (1...65_536).contains($0) }) else {
            throw TrainingError(.invalidModel, "model.hidden takes at most 64 widths of 1 to 65536 each")
        }
        var layers: [LayerSpec] = [.flatten]
        for (index, width) in hidden.enumerated() {
            layers += [.linear("fc\(index + 1)", outputs: width), .relu]
        }
        return layers + [.linear("fc\(hidden.count + 1)", outputs: classes)]
    }

    /// The convolutional network of McMahan et al., AISTATS 2017, section 3: 1,663,370 parameters on 28x28x1, 10 classes.
    ///
    /// Pooling comes before ReLU here: both orders give the same values, and this one has a quarter of them to rectify.
    @Sendable
    private static func leNet(_ spec: ModelSpec, classes: Int) throws(TrainingError) -> [LayerSpec] {
        guard spec.hidden == nil else {
            throw TrainingError(.invalidModel, "model.hidden belongs to mlp: remove it for lenet")
        }
        return [
            .convolution("conv1", outputs: 32, kernel: 5, padding: 2), .maxPool(size: 2, stride: 2), .relu,
            .convolution("conv2", outputs: 64, kernel: 5, padding: 2), .maxPool(size: 2, stride: 2), .relu,
            .flatten, .linear("fc1", outputs: 512), .relu, .linear("fc2", outputs: classes),
        ]
    }
}
