// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The architectures that a run file can name.
public enum ModelZoo {
    /// What an architecture is made for.
    struct Request {
        let spec: ModelSpec
        let input: InputShape
        let classes: Int

        /// A plain width, scaled.
        func scaled(_ channels: Int) -> Int { spec.width.of(channels) }

        /// The batch norm that the specification asks for.
        func norm(_ name: String) -> LayerSpec {
            let branches: NormalizationBranches =
                switch spec.normalization {
                case .batch: .one
                case .dualShared: .sharedAffine
                case .dualSeparate: .separateAffine
                }
            return .batchNorm(name, branches: branches)
        }

        /// The dropout that the specification asks for; nothing without.
        var dropout: [LayerSpec] { spec.dropout > 0 ? [.dropout(spec.dropout)] : [] }
    }

    /// An architecture: its name and its layers.
    struct Architecture: Sendable {
        let name: String
        /// Whether it has batch norms, so that a run may ask for two branches of statistics.
        let isNormalized: Bool
        let layers: @Sendable (Request) throws(TrainingError) -> [LayerSpec]
    }

    private static let architectures = [multilayerPerceptron, leNet, digitsCNN, preActResNet18, resNet20]

    /// The names of all architectures.
    public static var names: [String] { architectures.map(\.name) }

    /// The names of those with batch norms.
    public static var normalizedNames: [String] { architectures.filter(\.isNormalized).map(\.name) }

    /// The layout that `makeNetwork` would give, without allocating the network.
    ///
    /// Throws as `makeNetwork` does.
    public static func layout(
        _ spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> ModelLayout {
        try Network.plan(try layers(spec, input: input, classes: classes), input: input).layout
    }

    /// How large the network would be that `makeNetwork` gives, without allocating it.
    ///
    /// Throws as `makeNetwork` does.
    public static func size(
        of spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> ModelSize {
        let layers = try layers(spec, input: input, classes: classes)
        let layout = try Network.plan(layers, input: input).layout
        let trained = layout.parameters.filter { !$0.role.isStatistics }.reduce(0) { $0 + $1.count }
        return ModelSize(
            trainedParameters: trained, statistics: layout.count - trained,
            multiplications: try layers.multiplications(on: input))
    }

    /// Builds a network, all parameters 0; `initialize(using:)` or `loadParameters(_:)` gives them values.
    ///
    /// A pass uses up to `threads` threads (1 to 1024), the caller's included; its result does not depend on how many.
    /// Throws `TrainingError.unknownArchitecture`, or `.invalidModel` where the specification breaks its rules or the
    /// network does not fit on the input.
    public static func makeNetwork(
        _ spec: ModelSpec, input: InputShape, classes: Int, maximumBatch: Int, threads: Int = 1
    ) throws(TrainingError) -> Network {
        guard (1...1_000_000).contains(maximumBatch) else {
            throw TrainingError(.invalidModel, "a batch has 1 to 1000000 examples, not \(maximumBatch)")
        }
        guard (1...1024).contains(threads) else {
            throw TrainingError(.invalidModel, "a network is trained on 1 to 1024 threads, not \(threads)")
        }
        let layers = try layers(spec, input: input, classes: classes)
        try requireMemory(
            for: .wholeModel, of: spec, input: input, classes: classes, maximumBatch: maximumBatch)
        return try Network(
            layers, input: input, maximumBatch: maximumBatch,
            usedStatistics: spec.statistics == .batch ? .batch : .running, threads: threads)
    }

    /// The layers that `makeNetwork` builds; throws as it does.
    package static func layers(
        _ spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> [LayerSpec] {
        guard (2...100_000).contains(classes) else {
            throw TrainingError(.invalidModel, "a classifier has 2 to 100000 classes, not \(classes)")
        }
        guard let architecture = architectures.first(where: { $0.name == spec.architecture }) else {
            let message = NearestName.unknown("architecture", spec.architecture, among: names)
            throw TrainingError(.unknownArchitecture, "model.architecture: " + message)
        }
        guard architecture.isNormalized || spec.normalization == .batch else {
            throw TrainingError(
                .invalidModel,
                "model.normalization: \(architecture.name) has no batch norm to be dual: choose one of "
                    + "\(normalizedNames.joined(separator: ", ")), or remove the key")
        }
        guard architecture.isNormalized || spec.statistics == .averaged else {
            throw TrainingError(
                .invalidModel,
                "model.statistics: \(architecture.name) has no batch norm: choose one of "
                    + "\(normalizedNames.joined(separator: ", ")), or remove the key")
        }
        guard spec.hidden == nil || architecture.name == multilayerPerceptron.name else {
            throw TrainingError(.invalidModel, "model.hidden belongs to mlp: remove it for \(architecture.name)")
        }
        guard (1...ModelSpec.maximumBases).contains(spec.bases) else {
            throw TrainingError(
                .invalidModel, "a model has 1 to \(ModelSpec.maximumBases) base networks, not \(spec.bases)")
        }
        let layers = try architecture.layers(Request(spec: spec, input: input, classes: classes))
        return spec.bases == 1 ? layers : [.ensemble(Array(repeating: layers, count: spec.bases))]
    }
}
