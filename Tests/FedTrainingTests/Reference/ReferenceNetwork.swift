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

    /// The same network as `network`, which was built from `specs`, with its present parameters.
    init(_ specs: [LayerSpec], like network: Network) {
        self.specs = specs
        input = network.input
        values = network.parameters().map(Double.init)
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

    /// Finds out what the engine's dropout layers remove from a batch in a mode: the values that are 0 behind a layer but
    /// not before it. What is 0 before stays 0 either way.
    ///
    /// Dropout layers inside residual layers are not looked for.
    mutating func adoptDropout(of images: [Float], mode: PassMode) throws {
        dropout = []
        guard mode.dropoutKey != nil else { return }
        var mode = mode
        if mode.statistics == .updating { mode.statistics = .batch }
        for (index, spec) in specs.enumerated() {
            guard case .dropout(let share) = spec, share > 0 else { continue }
            let before = try logits(of: images, behind: index, mode: mode)
            let behind = try logits(of: images, behind: index + 1, mode: mode)
            dropout.append(zip(before, behind).map { $0 != 0 && $1 != 0 ? 1 / (1 - Double(share)) : 0 })
        }
    }

    /// What the engine computes with the first `count` layers.
    private func logits(of images: [Float], behind count: Int, mode: PassMode) throws -> [Float] {
        guard count > 0 else { return images }
        let engine = try Network(Array(specs[..<count]), input: input, maximumBatch: images.count / input.count)
        try engine.loadParameters(values[..<engine.layout.count].map(Float.init))
        return engine.logits(images: images, mode: mode)
    }
}
