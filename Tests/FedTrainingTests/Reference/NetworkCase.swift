// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// A network, a batch and a mode in which the engine is held against the reference.
struct NetworkCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var input: InputShape
    var layers: [LayerSpec]
    var batch: Int
    var mode = PassMode.training
    /// What the parameters, images and labels are drawn from.
    var key: UInt64 = 1

    /// The engine's network with seeded parameters: weights as they are initialised, scales and variances in [1/2, 3/2),
    /// shifts and means in [-1/2, 1/2).
    func engine(maximumBatch: Int? = nil) throws -> Network {
        let network = try Network(layers, input: input, maximumBatch: maximumBatch ?? batch)
        network.initialize(using: SeededGenerator(key: key))
        var generator = SeededGenerator(key: key).stream("norms")
        var values = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            let low: Float? =
                switch parameter.role {
                case .weight, .bias: nil
                case .normScale: 0.5
                case .normShift: -0.5
                case .cleanStatistics, .adversarialStatistics: parameter.name.hasSuffix("var") ? 0.5 : -0.5
                }
            guard let low else { continue }
            for index in segment { values[index] = low + generator.nextUnitFloat() }
        }
        try network.loadParameters(values)
        return network
    }

    /// The reference with the parameters of `engine` and its dropout.
    func reference(like engine: Network) throws -> ReferenceNetwork {
        var reference = ReferenceNetwork(layers, like: engine)
        try reference.adoptDropout(of: images(), mode: mode)
        return reference
    }

    /// As many images of values in [-1, 1).
    func images(_ count: Int? = nil) -> [Float] {
        var generator = SeededGenerator(key: key).stream("images")
        return (0..<((count ?? batch) * input.count)).map { _ in 2 * generator.nextUnitFloat() - 1 }
    }

    /// A label for each example of the batch.
    func labels(classes: Int) -> [Int32] {
        var generator = SeededGenerator(key: key).stream("labels")
        return (0..<batch).map { _ in Int32(generator.nextIndex(below: classes)) }
    }
}
