// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What a worker does between receiving a model and sending its change back.
public enum LocalTraining {
    /// So many batches are enough for statistics, unless one pass takes more.
    public static let measuredBatches = 1000

    /// What came of training, besides the network's parameters.
    public struct Outcome: Hashable, Sendable {
        /// Loss, accuracy and seconds.
        public var metrics: TrainingMetrics
        /// The number of examples of the data trained on.
        public var exampleCount: Int
        /// What the optimiser has gathered, where `spec.optimizer.state` is `kept`.
        public var optimizerState: OptimizerState?
    }

    /// Trains `network` from the parameters `base` as `spec` says; the result is in the network's parameters.
    ///
    /// Each epoch e goes through `data` in an order of its own, drawn from `generator.stream("epoch", e)`, in batches of
    /// `spec.batchSize`, the last of which may be smaller; the optimiser steps at
    /// `spec.optimizer.learningRate` times `rateScale`, which is for the schedule of the run and must be in [0, 1]. Where
    /// `spec.optimizer.state` is `kept`, it goes on from `optimizerState`, what the training before has left; it starts
    /// without history where that is nil or the spec says `fresh`. The same arguments give the same bits. `progress` gets the share of steps done, in (0, 1], after each step;
    /// `shouldStop` is asked before each. `spec.steps` 0 leaves the model at `base`, with zero loss and accuracy
    /// reported. The accuracy is that on clean inputs, unless the objective has attacked ones only. Where `spec.statisticsPasses` is
    /// given no step is taken: as many epochs, or so many that `measuredBatches` are enough, only measure running statistics, which
    /// start anew, through the branches that the objective trains.
    ///
    /// Throws `TrainingError.invalidSpecification` for settings out of range and the state of another optimiser,
    /// `.shapeMismatch` where parameters, state, data and network do not belong together, `.diverged` where the loss or a
    /// kept state becomes NaN or infinite, and `.stopped`.
    public static func train(
        network: Network, base: [Float], data: Dataset, spec: LocalTrainingSpec, rateScale: Float = 1,
        optimizerState: OptimizerState? = nil, generator: SeededGenerator,
        clock: some Clock<Duration> = ContinuousClock(),
        progress: (Double) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws(TrainingError) -> Outcome {
        try train(
            network: network, narrower: [], base: base, data: data, spec: spec, rateScale: rateScale,
            optimizerState: optimizerState, generator: generator, clock: clock, progress: progress,
            shouldStop: shouldStop)
    }

    /// The same for the sum of the losses of `network` and of `narrower` ones within it on every batch: one step on the parameters
    /// of `network`, whose metrics and running statistics are what counts.
    static func train(
        network: Network, narrower: [NarrowNetwork], base: [Float], data: Dataset, spec: LocalTrainingSpec,
        rateScale: Float, optimizerState: OptimizerState?, generator: SeededGenerator,
        clock: some Clock<Duration> = ContinuousClock(), progress: (Double) -> Void, shouldStop: () -> Bool
    ) throws(TrainingError) -> Outcome {
        precondition((0...1).contains(rateScale), "a schedule gives a share of the learning rate")
        let begin = clock.now
        let isKept = spec.optimizer.state == .kept
        try check(network: network, data: data, spec: spec, state: isKept ? optimizerState : nil)
        try network.loadParameters(base)
        var loop = Loop(network: network, narrower: narrower, data: data, spec: spec, rateScale: rateScale)
        if isKept, let optimizerState { loop.optimizer.resume(from: optimizerState) }
        try loop.run(generator: generator, progress: progress, shouldStop: shouldStop)
        let state = isKept ? try loop.state(of: spec.optimizer, after: optimizerState?.steps ?? 0) : nil
        let (seconds, attoseconds) = begin.duration(to: clock.now).components
        return Outcome(
            metrics: TrainingMetrics(
                loss: loop.epochExamples == 0 ? 0 : loop.epochLoss / Double(loop.epochExamples),
                accuracy: loop.epochExamples == 0 ? 0 : Double(loop.epochCorrect) / Double(loop.epochExamples),
                seconds: Double(seconds) + Double(attoseconds) * 1e-18),
            exampleCount: data.count, optimizerState: state)
    }

    private static func check(
        network: Network, data: Dataset, spec: LocalTrainingSpec, state: OptimizerState?
    ) throws(TrainingError) {
        do throws(CoreError) {
            try spec.validate()
            try state?.validate(for: spec.optimizer, count: network.layout.count)
        } catch {
            let isMismatch = error == CoreError(.countMismatch, "")
            throw TrainingError(isMismatch ? .shapeMismatch : .invalidSpecification, error.message)
        }
        if spec.augmentation != nil { try data.checkCanBeVaried() }
        guard spec.batchSize <= network.maximumBatch || data.count <= network.maximumBatch else {
            throw TrainingError(
                .shapeMismatch,
                "training.batchSize is \(spec.batchSize), but the network was made for \(network.maximumBatch)")
        }
        try network.checkFits(data)
        try Objective.check(spec.objective, network: network, data: data)
    }

    /// The state of one training.
    private struct Loop {
        let network: Network
        /// Networks within it that are trained with it, each with the same objective.
        let narrower: [(NarrowNetwork, objective: Objective)]
        let data: Dataset
        let batchSize: Int
        /// Whether running statistics are measured and nothing is trained.
        let isMeasuring: Bool
        let totalSteps: Int
        let parameters: TrainedParameters
        let optimizer: any Optimizer
        let learningRate: Float
        let objective: Objective
        let clipping: GradientClipping?
        let smoothOut: SmoothOut?
        let augmentation: Augmentation?
        var order: [Int]
        var epochLoss = 0.0
        var epochCorrect = 0
        var epochExamples = 0

        init(network: Network, narrower: [NarrowNetwork], data: Dataset, spec: LocalTrainingSpec, rateScale: Float) {
            self.network = network
            self.narrower = narrower.map { ($0, Objective(spec.objective, on: $0.network)) }
            self.data = data
            batchSize = min(spec.batchSize, data.count)
            let epochSteps = (data.count + batchSize - 1) / batchSize
            isMeasuring = spec.statisticsPasses != nil
            totalSteps =
                spec.statisticsPasses.map { min($0 * epochSteps, max(epochSteps, LocalTraining.measuredBatches)) }
                ?? spec.steps ?? spec.epochs * epochSteps
            var mu: Float = 0
            for case .proximal(let term) in spec.objective { mu += term }
            objective = Objective(spec.objective, on: network)
            parameters = TrainedParameters(
                of: network, rule: spec.optimizer, mu: mu, branches: objective.branches)
            optimizer = spec.optimizer.makeOptimizer(on: parameters)
            learningRate = spec.optimizer.learningRate * rateScale
            clipping = spec.clipNorm.map(GradientClipping.init)
            smoothOut = spec.smoothOut.map { SmoothOut($0, network: network) }
            augmentation = spec.augmentation.map { Augmentation($0, network: network) }
            order = Array(0..<data.count)
        }

        mutating func run(
            generator: SeededGenerator, progress: (Double) -> Void, shouldStop: () -> Bool
        ) throws(TrainingError) {
            var epoch: UInt64 = 0
            var position = order.count
            for step in 0..<totalSteps {
                guard !shouldStop() else { throw TrainingError(.stopped, "training was stopped") }
                if position == order.count {
                    shuffle(using: generator.stream("epoch", epoch))
                    epoch += 1
                    position = 0
                }
                let batch = min(batchSize, order.count - position)
                gather(position..<(position + batch), epoch: epoch - 1, generator: generator)
                position += batch
                let (loss, correct) =
                    isMeasuring
                    ? objective.measure(
                        batch: batch, step: step, strength: generator.stream("strength", UInt64(step)))
                    : pass(batch: batch, step: UInt64(step), generator: generator)
                guard loss.isFinite else {
                    throw TrainingError(
                        .diverged,
                        "training diverged at step \(step + 1) of \(totalSteps) (the loss is not finite): lower "
                            + "training.optimizer.learningRate")
                }
                if !isMeasuring {
                    clipping?.apply(to: network, on: parameters)
                    optimizer.step(network, learningRate: learningRate)
                }
                epochLoss += loss
                epochCorrect += correct
                epochExamples += batch
                progress(Double(step + 1) / Double(totalSteps))
            }
        }

        /// The objective, with its gradient in the network, on the batch that the network holds; where there are narrower networks
        /// the gradient of the sum of all. What is returned is the widest network's.
        private func pass(batch: Int, step: UInt64, generator: SeededGenerator) -> (loss: Double, correct: Int) {
            let penalty = parameters.penalty(of: network)
            let (dropout, strength) = (generator.stream("dropout", step), generator.stream("strength", step))
            smoothOut?.perturb(network, key: generator.stream("smoothOut", step).key)
            for (narrow, _) in narrower { narrow.begin(from: network, batch: batch) }
            var result = objective.pass(batch: batch, dropout: dropout, strength: strength)
            for (number, (narrow, objective)) in narrower.enumerated() {
                let own = objective.pass(
                    batch: batch, dropout: dropout.stream("level", UInt64(number)), strength: strength)
                narrow.addGradient(to: network)
                // A loss that is not finite shows, the others do not count.
                if !own.loss.isFinite { result.loss = own.loss }
            }
            smoothOut?.restore(network)
            return (result.loss + Double(batch) * penalty, result.correct)
        }

        /// What the optimiser has gathered after all steps, `earlier` ones included.
        func state(of rule: OptimizerSpec, after earlier: Int) throws(TrainingError) -> OptimizerState {
            let steps = min(earlier + totalSteps, OptimizerState.maximumSteps)
            let state = optimizer.state(of: rule, steps: steps)
            do throws(CoreError) { try state.validate(for: rule, count: network.layout.count) } catch {
                throw TrainingError(
                    .diverged,
                    "training diverged (\(error.message)): lower training.optimizer.learningRate")
            }
            return state
        }

        /// Makes the examples at `places` of the order the network's next batch.
        private func gather(_ places: Range<Int>, epoch: UInt64, generator: SeededGenerator) {
            let variation = generator.stream("augmentation", epoch)
            let attacks = generator.stream("attack", epoch)
            for (row, place) in places.enumerated() {
                let index = order[place]
                network.setExample(row, from: data, at: index)
                augmentation?.apply(to: network, row: row, index: index, epoch: variation)
                if objective.attacks {
                    let key = attacks.stream("example", UInt64(index)).key
                    objective.setAttackKey(key, of: row)
                    for (_, objective) in narrower { objective.setAttackKey(key, of: row) }
                }
            }
        }

        /// Starts an epoch: the order depends on the stream only, not on the epochs before.
        private mutating func shuffle(using stream: SeededGenerator) {
            var stream = stream
            for index in order.indices { order[index] = index }
            stream.shuffle(&order)
            epochLoss = 0
            epochCorrect = 0
            epochExamples = 0
        }
    }
}
