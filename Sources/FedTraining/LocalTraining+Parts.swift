// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension LocalTraining {
    /// Trains a model of which only some tensors travel: from `base`, those that were sent, and `own`, those that the worker has.
    ///
    /// `change` becomes that of the tensors that travel, and `own` what the others are after the training. Where all
    /// travel, `own` is empty. The rest is as in `train` without `parts`, whose errors it throws, and leaves `own` as it is then.
    public static func train(
        _ scope: UpdateScope, of parts: ModelParts, networks: TrainingNetworks, base: [Float], own: inout [Float],
        change: inout [Float], data: Dataset, spec: LocalTrainingSpec, rateScale: Float = 1,
        optimizerState: OptimizerState? = nil, generator: SeededGenerator, progress: (Double) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws(TrainingError) -> Outcome {
        guard !parts.isWhole else {
            return try train(
                scope, networks: networks, base: base, change: &change, data: data, spec: spec, rateScale: rateScale,
                optimizerState: optimizerState, generator: generator, progress: progress, shouldStop: shouldStop)
        }
        guard base.count == parts.travelling.count, own.count == parts.own.count else {
            throw TrainingError(
                .shapeMismatch,
                "the model has \(parts.travelling.count) parameters that travel and \(parts.own.count) that do not, but "
                    + "\(base.count) and \(own.count) were given")
        }
        let start = parts.joined(base, own: own)
        var moved = [Float](repeating: 0, count: start.count)
        let outcome = try train(
            scope, networks: networks, base: start, change: &moved, data: data, spec: spec, rateScale: rateScale,
            optimizerState: optimizerState, generator: generator, progress: progress, shouldStop: shouldStop)
        let next = zip(own, parts.own(of: moved)).map { $0 + $1 }
        guard next.allSatisfy(\.isFinite) else {
            throw TrainingError(
                .diverged,
                "training diverged (batch normalisation is not finite): lower training.optimizer.learningRate")
        }
        own = next
        change = parts.travelling(of: moved)
        return outcome
    }
}
