// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension LocalTraining {
    /// Trains what `scope` names of the model that `networks` are of, from `base`, and writes the change of the whole model into
    /// `change`.
    ///
    /// A network of a width is trained with all narrower ones of the model in it, by the sum of their losses on every batch (Hong
    /// et al., ICLR 2022, section 4); loss, accuracy and statistics are its own. The rest is as in `train` with one network, whose
    /// errors it throws.
    public static func train(
        _ scope: UpdateScope, networks: TrainingNetworks, base: [Float], change: inout [Float], data: Dataset,
        spec: LocalTrainingSpec, rateScale: Float = 1, optimizerState: OptimizerState? = nil,
        generator: SeededGenerator, progress: (Double) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws(TrainingError) -> Outcome {
        let network = try networks.network(for: scope)
        guard let width = scope.width else {
            return try train(
                scope, network: network, base: base, change: &change, data: data, spec: spec, rateScale: rateScale,
                optimizerState: optimizerState, generator: generator, progress: progress, shouldStop: shouldStop)
        }
        precondition(change.count == base.count, "as many changes as parameters")
        let slice = try networks.slice(of: width)
        guard slice.fullCount == base.count else {
            throw TrainingError(.shapeMismatch, "the model has no \(scope) of \(slice.fullCount) parameters")
        }
        let start = slice.gathered(from: base)
        let outcome = try train(
            network: network, narrower: networks.narrower(than: width), base: start, data: data, spec: spec,
            rateScale: rateScale, optimizerState: nil, generator: generator, progress: progress,
            shouldStop: shouldStop)
        var own = start
        network.copyChange(from: start, to: &own)
        change.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        slice.scatter(own, into: &change)
        return outcome
    }
}
