// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Foundation

/// A network computed from its specification in double precision by the layers' definitions, sharing no code with the
/// engine but the shapes.
struct ReferenceNetwork {
    let specs: [LayerSpec]
    let input: InputShape
    /// The parameters, in layout order.
    var values: [Double]
    /// What each dropout layer, in order, multiplies the values of a batch by.
    var dropout: [[Double]] = []

    /// The same network as `network`, which was built from `specs`, with its present parameters; dropout removes what the
    /// engine would remove from `batch` examples by `key`.
    init(_ specs: [LayerSpec], like network: Network, batch: Int = 1, dropoutKey key: UInt64? = nil) throws {
        self.specs = specs
        input = network.input
        values = network.parameters().map(Double.init)
        if let key { _ = try collectDropout(specs, input, batch: batch, key: key) }
    }

    /// Computes a batch; the result has the logits and the running statistics after it.
    func forward(_ images: [Double], mode: PassMode) -> ReferencePass {
        var pass = ReferencePass(network: self, images: images, mode: mode)
        pass.run()
        return pass
    }

    /// The mean cross-entropy of a batch.
    func loss(_ images: [Double], labels: [Int32], mode: PassMode) -> Double {
        let logits = forward(images, mode: mode).maps.values
        let classes = logits.count / labels.count
        var sum = 0.0
        for (row, label) in labels.enumerated() {
            let z = logits[(row * classes)..<((row + 1) * classes)]
            let largest = z.max() ?? 0
            sum += log(z.reduce(0) { $0 + exp($1 - largest) }) - (logits[row * classes + Int(label)] - largest)
        }
        return sum / Double(labels.count)
    }

    /// Asks the engine what each dropout layer does to a batch of ones.
    private mutating func collectDropout(
        _ specs: [LayerSpec], _ input: InputShape, batch: Int, key: UInt64
    ) throws -> InputShape {
        var shape = input
        for spec in specs {
            switch spec {
            case .dropout(let share) where share > 0:
                // A layer before it that removes next to nothing gives it the number it has in the network.
                let before = dropout.map { _ in LayerSpec.dropout(.leastNormalMagnitude) }
                let engine = try Network(before + [.dropout(share)], input: shape, maximumBatch: batch)
                let mode = PassMode(statistics: .running, dropoutKey: key)
                let ones = [Float](repeating: 1, count: batch * shape.count)
                dropout.append(engine.logits(images: ones, mode: mode).map { $0 == 0 ? 0 : 1 / (1 - Double(share)) })
            case .residual(let body, let shortcut):
                _ = try collectDropout(body, shape, batch: batch, key: key)
                _ = try collectDropout(shortcut, shape, batch: batch, key: key)
            default: break
            }
            shape = try spec.outputShape(of: shape)
        }
        return shape
    }
}
