// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension LocalTraining {
    /// Trains what `scope` names of the model `base` and writes the change of the whole model into `change`; what is not named
    /// does not change.
    ///
    /// `network` is the whole model, or, where the scope names base networks, one of them: they are trained one after the other,
    /// each as if it were alone, from a random stream of its own. Their losses and accuracies are averaged, their times added up.
    /// `change` has as many values as `base`. The rest is as in `train`, whose errors it throws.
    public static func train(
        _ scope: UpdateScope, network: Network, base: [Float], change: inout [Float], data: Dataset,
        spec: LocalTrainingSpec, rateScale: Float = 1, optimizerState: OptimizerState? = nil,
        generator: SeededGenerator, progress: (Double) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws(TrainingError) -> Outcome {
        precondition(change.count == base.count, "as many changes as parameters")
        guard case .bases(let chosen) = scope else {
            let outcome = try train(
                network: network, base: base, data: data, spec: spec, rateScale: rateScale,
                optimizerState: optimizerState, generator: generator, progress: progress, shouldStop: shouldStop)
            network.copyChange(from: base, to: &change)
            return outcome
        }
        let size = network.layout.count
        guard base.count.isMultiple(of: size), scope.isValid(bases: base.count / size) else {
            throw TrainingError(.shapeMismatch, "the model has no \(scope) of \(size) parameters each")
        }
        change.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        var metrics = TrainingMetrics(loss: 0, accuracy: 0, seconds: 0)
        for (index, number) in chosen.enumerated() {
            let range = number * size..<(number + 1) * size
            let start = Array(base[range])
            let outcome = try train(
                network: network, base: start, data: data, spec: spec, rateScale: rateScale,
                generator: generator.stream("base", UInt64(number)),
                progress: { progress((Double(index) + $0) / Double(chosen.count)) }, shouldStop: shouldStop)
            var own = start
            network.copyChange(from: start, to: &own)
            change.replaceSubrange(range, with: own)
            metrics.loss += outcome.metrics.loss / Double(chosen.count)
            metrics.accuracy += outcome.metrics.accuracy / Double(chosen.count)
            metrics.seconds += outcome.metrics.seconds
        }
        // The mean of shares rounds: it is not to become more than all.
        metrics.accuracy = min(1, metrics.accuracy)
        return Outcome(metrics: metrics, exampleCount: data.count, optimizerState: nil)
    }
}

extension ModelSpec {
    /// The network that an assignment of `scope` trains: the whole model, one of its base networks, or that of a width.
    public func network(for scope: UpdateScope) -> ModelSpec {
        var network = self
        switch scope {
        case .wholeModel: break
        case .bases: network.bases = 1
        case .nested(let width):
            network.width = width
            network.levels = []
        }
        return network
    }
}
