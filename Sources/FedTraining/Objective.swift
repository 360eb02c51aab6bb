// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Loss and gradient of a batch as the terms of an objective say, but for the proximal one, which the optimiser adds.
///
/// With a term of weight λ besides the cross-entropy, two or more passes with batch statistics of their own are made at
/// the same parameters and their gradients added:
///
/// - adversarial: (1 − λ)·CE(x; clean branch) + λ·mean over ε of CE(x̃; adversarial branch), x̃ from an attack on the
///   adversarial branch (Split-Mix, Hong et al., ICLR 2022, eq. 2). A network with plain batch norm has one branch.
/// - calibration: (1 − λ)·CE(x; clean branch) + λ·CE(x; adversarial branch, its statistics frozen) (FedRBN, Hong et al.,
///   AAAI 2023, section 4.2). The gradient of its second part is cut to the length 10, as in the authors' code: statistics of
///   others may fit badly at first. With λ = 1 clean inputs pass forward through the clean branch nevertheless, whose statistics
///   say whose adversarial ones fit.
///
/// Attacks come before all passes, so that no pass changes running statistics under them. Any other pass of weight 0 is
/// not made. All memory is allocated once.
final class Objective {
    private enum Second {
        /// `strengths` are all values of ε, at least one.
        case adversarial(Attack, weight: Float, strengths: [Float], mixed: Bool)
        case calibration(weight: Float)
    }

    /// What the gradient of a calibration pass is cut to.
    private static let calibrationClipping = GradientClipping(maximumNorm: 10)

    private let network: Network
    private let loss: CrossEntropy
    private let second: Second?
    /// Whether clean and adversarial passes move statistics of their own.
    private let isDual: Bool
    /// The sum of the gradients of earlier passes, for several.
    private let gradient: FloatBuffer
    /// The attacked examples, one batch for each strength of a step.
    private let attacked: FloatBuffer

    /// The objective with these terms on the batches of `network`.
    init(_ terms: [ObjectiveTerm], on network: Network) {
        self.network = network
        loss = CrossEntropy(terms)
        isDual = network.layout.parameters.contains { $0.role == .adversarialStatistics }
        var second: Second?
        var batches = 0
        for term in terms {
            switch term {
            case .adversarial(let term) where term.weight > 0:
                let strengths = term.strengths.isEmpty ? [term.attack.epsilon] : term.strengths
                let isMixed = term.combination == .mixed
                second = .adversarial(
                    Attack(term.attack, on: network), weight: term.weight, strengths: strengths, mixed: isMixed)
                batches = isMixed ? 1 : strengths.count
            case .calibration(let weight) where weight > 0: second = .calibration(weight: weight)
            case .crossEntropy, .proximal, .adversarial, .calibration: break
            }
        }
        self.second = second
        gradient = FloatBuffer(count: second == nil ? 0 : network.layout.count)
        attacked = FloatBuffer(count: batches * network.maximumBatch * network.input.count)
    }

    /// Throws `TrainingError.invalidSpecification` where `terms` ask for what `network` or `data` cannot give.
    static func check(_ terms: [ObjectiveTerm], network: Network, data: Dataset) throws(TrainingError) {
        for term in terms {
            switch term {
            case .adversarial(let term) where term.weight > 0:
                try data.checkCanBeAttacked(by: "training.objective: adversarial")
            case .calibration(let weight) where weight > 0:
                guard network.layout.parameters.contains(where: { $0.role == .adversarialStatistics }) else {
                    throw TrainingError(
                        .invalidSpecification,
                        "training.objective: calibration needs a model with two batch norms: set model.normalization to "
                            + "dual-shared or dual-separate, or remove the term")
                }
            case .crossEntropy, .proximal, .adversarial, .calibration: break
            }
        }
    }

    /// The branches that passes go through.
    var branches: Set<PassMode.Branch> {
        switch second {
        case nil: [.clean]
        case .adversarial(_, let weight, _, _), .calibration(let weight):
            weight < 1 ? [.clean, .adversarial] : [.adversarial]
        }
    }

    /// Whether the examples of a batch need keys.
    var attacks: Bool {
        if case .adversarial = second { true } else { false }
    }

    /// Names the stream that the random starts of attacks on example `row` of the next batch are drawn from.
    func setAttackKey(_ key: UInt64, of row: Int) {
        if case .adversarial(let attack, _, _, _) = second { attack.setKey(key, of: row) }
    }

    /// The sum of the losses of the network's batch, and how many examples were classified correctly in the first pass:
    /// as they are, or attacked if λ is 1. Leaves the gradient of the mean loss in the network.
    ///
    /// `dropout` decides what each pass leaves out, `strength` which of several ε a mixed term takes.
    func pass(batch: Int, dropout: SeededGenerator, strength: SeededGenerator) -> (loss: Double, correct: Int) {
        pass(batch: batch, statistics: .updating, dropout: dropout, strength: strength)
    }

    /// The same without gradients and dropout: running statistics that move become the mean of those of all passes of `step` steps
    /// before, which they are, and of this one.
    func measure(batch: Int, step: Int, strength: SeededGenerator) -> (loss: Double, correct: Int) {
        pass(batch: batch, statistics: .gathering(earlier: step), dropout: nil, strength: strength)
    }

    /// Without `dropout` there are no gradients; `gathering` counts steps.
    private func pass(
        batch: Int, statistics: PassMode.Statistics, dropout: SeededGenerator?, strength: SeededGenerator
    ) -> (loss: Double, correct: Int) {
        var cleanMode = PassMode(statistics: statistics, branch: .clean, dropoutKey: dropout?.key)
        var total = Total(hasGradients: dropout != nil)
        switch second {
        case nil:
            add(1, batch: batch, mode: cleanMode, to: &total)
        case .calibration(let weight):
            if weight == 1 { network.forward(batch: batch, mode: cleanMode) }
            add(1 - weight, batch: batch, mode: cleanMode, to: &total)
            let mode = PassMode(
                statistics: .running, branch: .adversarial, dropoutKey: dropout?.stream("calibration").key)
            add(weight, batch: batch, mode: mode, to: &total)
            if total.hasGradients {
                Self.calibrationClipping.apply(to: network, on: [0..<network.layout.count])
            }
        case .adversarial(let attack, let weight, let strengths, let isMixed):
            var stream = strength
            let first = isMixed ? stream.nextIndex(below: strengths.count) : 0
            let chosen = first..<(isMixed ? first + 1 : strengths.count)
            let count = batch * network.input.count
            for index in chosen {
                if index > first { attack.restoreClean(batch: batch) }
                attack.run(batch: batch, epsilon: strengths[index], branch: .adversarial)
                (attacked.start + (index - first) * count).update(from: network.inputValues.start, count: count)
            }
            attack.restoreClean(batch: batch)
            // Passes of this step that move the same statistics before those of attacked examples.
            let before = isDual || weight == 1 ? 0 : 1
            cleanMode.statistics = statistics.counting(0, of: isDual ? 1 : 1 + chosen.count)
            add(1 - weight, batch: batch, mode: cleanMode, to: &total)
            for number in 0..<chosen.count {
                network.inputValues.start.update(from: attacked.start + number * count, count: count)
                let mode = PassMode(
                    statistics: statistics.counting(before + number, of: before + chosen.count), branch: .adversarial,
                    dropoutKey: dropout?.stream("adversarial", UInt64(number)).key)
                add(weight / Float(chosen.count), batch: batch, mode: mode, to: &total)
            }
        }
        if total.passes > 1, total.hasGradients {
            fed_add(network.gradientValues.start, gradient.start, network.layout.count)
        }
        return (total.loss, total.correct)
    }

    private struct Total {
        let hasGradients: Bool
        var passes = 0
        var loss = 0.0
        var correct = 0
    }

    /// Makes one pass and adds `weight` times its loss; the gradient of the earlier passes moves to `gradient`.
    private func add(_ weight: Float, batch: Int, mode: PassMode, to total: inout Total) {
        guard weight > 0 else { return }
        if total.passes == 1, total.hasGradients {
            gradient.start.update(from: network.gradientValues.start, count: network.layout.count)
        } else if total.passes > 1, total.hasGradients {
            fed_add(gradient.start, network.gradientValues.start, network.layout.count)
        }
        network.forward(batch: batch, mode: mode)
        let result = network.crossEntropy(batch: batch, weight: weight, loss: loss)
        if total.hasGradients { network.backward(batch: batch) }
        if total.passes == 0 { total.correct = result.correct }
        total.loss += Double(weight) * result.loss
        total.passes += 1
    }
}

extension PassMode.Statistics {
    /// Where `gathering` counts steps of `passes` passes each, that of pass `number` of its step; otherwise the same.
    fileprivate func counting(_ number: Int, of passes: Int) -> Self {
        guard case .gathering(let steps) = self else { return self }
        return .gathering(earlier: steps * passes + number)
    }
}
