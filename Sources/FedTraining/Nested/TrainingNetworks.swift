// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The networks that assignments of one model train, each made when it is first needed and kept from then on.
///
/// Belongs to one thread at a time (it is not `Sendable`).
public final class TrainingNetworks {
    private let model: ModelSpec
    private let input: InputShape
    private let classes: Int
    private let maximumBatch: Int
    private let threads: Int
    private var networks: [ModelSpec: Network] = [:]

    /// Networks of `model` for batches of at most `maximumBatch`, which pass through on up to `threads` threads.
    public init(_ model: ModelSpec, input: InputShape, classes: Int, maximumBatch: Int, threads: Int = 1) {
        self.model = model
        self.input = input
        self.classes = classes
        self.maximumBatch = maximumBatch
        self.threads = threads
    }

    /// Makes what an assignment of `scope` trains; throws as `ModelZoo.makeNetwork`.
    public func prepare(for scope: UpdateScope) throws(TrainingError) {
        _ = try network(for: scope)
        if let width = scope.width { _ = try narrower(than: width) }
    }

    /// The network of `scope`: the whole model, one of its base networks, or that of a width.
    func network(for scope: UpdateScope) throws(TrainingError) -> Network {
        let spec = model.network(for: scope)
        if let known = networks[spec] { return known }
        if scope.width != nil {
            // Narrower ones will stand beside it.
            try ModelZoo.requireMemory(
                for: scope, of: model, input: input, classes: classes, maximumBatch: maximumBatch)
        }
        let network = try ModelZoo.makeNetwork(
            spec, input: input, classes: classes, maximumBatch: maximumBatch, threads: threads)
        networks[spec] = network
        return network
    }

    /// Where the network of `width` lies in the whole one.
    func slice(of width: WidthRatio) throws(TrainingError) -> NestedSlice {
        try ModelZoo.slice(of: width, in: model, input: input, classes: classes)
    }

    /// The narrower networks of the model within that of `width`, ascending.
    func narrower(than width: WidthRatio) throws(TrainingError) -> [NarrowNetwork] {
        var wide = model
        wide.width = width
        var narrower: [NarrowNetwork] = []
        for level in model.levels where level < width {
            narrower.append(
                NarrowNetwork(
                    network: try network(for: .nested(level)),
                    slice: try ModelZoo.slice(of: level, in: wide, input: input, classes: classes)))
        }
        return narrower
    }
}
