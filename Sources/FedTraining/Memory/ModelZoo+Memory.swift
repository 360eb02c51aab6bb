// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore
internal import Foundation

extension ModelZoo {
    /// About how many bytes the networks take that a training of `scope` needs: base networks one after the other use that of one,
    /// and a width has all narrower ones beside it.
    ///
    /// Throws as `makeNetwork` does.
    package static func trainingBytes(
        of spec: ModelSpec, scope: UpdateScope, input: InputShape, classes: Int, maximumBatch: Int
    ) throws(TrainingError) -> Int {
        var networks = [spec.network(for: scope)]
        if let width = scope.width {
            networks += spec.levels.filter { $0 < width }.map { spec.network(for: .nested($0)) }
        }
        var sum = 0
        for network in networks {
            let layers = try layers(network, input: input, classes: classes)
            sum += try bytes(of: layers, input: input, maximumBatch: maximumBatch)
        }
        return sum
    }

    /// Activations and their gradients; parameters, their gradients, two values each of the optimiser and what convolutions
    /// keep of them.
    private static func bytes(
        of layers: [LayerSpec], input: InputShape, maximumBatch: Int
    ) throws(TrainingError) -> Int {
        let parameters = Double(try Network.plan(layers, input: input).layout.count)
        let batch = Double(Arrangement.blocks.stored(maximumBatch))
        let values = 6 * parameters + 2 * batch * (Double(try layers.activations(on: input)) + Double(input.count))
        return Int(min(4 * values, 1e17))
    }

    /// Throws `TrainingError.invalidModel` where training `scope` would need more memory than the machine has, which would end
    /// the process instead of the training.
    static func requireMemory(
        for scope: UpdateScope, of spec: ModelSpec, input: InputShape, classes: Int, maximumBatch: Int
    ) throws(TrainingError) {
        let needed = try trainingBytes(
            of: spec, scope: scope, input: input, classes: classes, maximumBatch: maximumBatch)
        let present = MachineMemory.now.totalBytes
        guard needed <= present else {
            let gigabytes = { (bytes: Int) in String(format: "%.1f GB", Double(bytes) / 1e9) }
            throw TrainingError(
                .invalidModel,
                "training \(spec.architecture) at width \(scope.width ?? spec.width) in batches of \(maximumBatch) takes "
                    + "about \(gigabytes(needed)) of memory, and \(gigabytes(present)) may be used here: lower "
                    + "training.batchSize, model.width or model.hidden")
        }
    }
}
