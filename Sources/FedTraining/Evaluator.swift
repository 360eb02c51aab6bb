// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Measures a network on labelled data.
public enum Evaluator {
    /// Accuracy and mean cross-entropy of `network` on all of `data` in evaluation mode, and with an attack robust accuracy.
    ///
    /// A dual batch norm outputs (1 − λ)·clean branch + λ·adversarial branch, λ = `adversarialShare` in [0, 1], and the
    /// attack is on the same mixture (Split-Mix, Hong et al., ICLR 2022, section 3.3). Robust accuracy is the share of
    /// examples that are classified correctly both as they are and after every start of `attack`: of all, or of
    /// `robustExamples` (at least 1) drawn with `generator`, which decides the random starts as well. `batchSize`
    /// decides speed, memory and how linear layers round, and is cut to the network's largest batch; the parameters stay
    /// as they are. A network that normalises by its batch is measured on `EvaluationBatches`
    /// that depend on the data, and attacked on as many whole ones of them as hold `robustExamples`.
    ///
    /// Throws `TrainingError.shapeMismatch` where data and network do not belong together, or there are no data, and
    /// `.invalidSpecification` for an attack out of range, or on data outside [0, 1].
    public static func evaluate(
        network: Network, data: Dataset, batchSize: Int = 256, adversarialShare: Float = 0, attack: AttackSpec? = nil,
        robustExamples: Int? = nil, generator: SeededGenerator = SeededGenerator(key: 0)
    ) throws(TrainingError) -> Evaluation {
        precondition(batchSize >= 1, "a batch has at least one example")
        precondition((0...1).contains(adversarialShare), "a share is in [0, 1]")
        try check(network: network, data: data, attack: attack, setting: "evaluation.attack")
        let plan = EvaluationBatches(
            of: data, size: min(batchSize, network.maximumBatch), areDependent: network.usedStatistics == .batch,
            generator: generator)
        let branch = PassMode.Branch(adversarialShare: adversarialShare)
        var evaluation = clean(network: network, data: data, batches: plan.all, branch: branch)
        if let attack {
            let search = Attack(attack, on: network)
            let batches = plan.sample(robustExamples, generator: generator)
            let survivors = batches.reduce(0) {
                $0 + withstanding(search, $1, network: network, data: data, branch: branch, generator)
            }
            evaluation.robustAccuracy = Double(survivors) / Double(batches.reduce(0) { $0 + $1.count })
        }
        return evaluation
    }

    /// Throws `TrainingError` where data and network do not belong together, or the attack, which `setting` asks for, cannot be made
    /// on the data.
    static func check(
        network: Network, data: Dataset, attack: AttackSpec?, setting: String
    ) throws(TrainingError) {
        try network.checkFits(data)
        guard let attack else { return }
        do throws(CoreError) { try attack.validate(at: setting) } catch {
            throw TrainingError(.invalidSpecification, error.message)
        }
        try data.checkCanBeAttacked(by: setting)
    }

    private static func clean(
        network: Network, data: Dataset, batches: [ArraySlice<Int>], branch: PassMode.Branch
    ) -> Evaluation {
        var loss = 0.0
        var correct = 0
        for batch in batches {
            for (row, index) in batch.enumerated() { network.setExample(row, from: data, at: index) }
            network.forward(batch: batch.count, mode: PassMode(statistics: network.usedStatistics, branch: branch))
            let result = network.crossEntropy(batch: batch.count)
            loss += result.loss
            correct += result.correct
        }
        return Evaluation(accuracy: Double(correct) / Double(data.count), loss: loss / Double(data.count))
    }

    /// How many of `examples`, one batch at most, are classified correctly in spite of the attack.
    private static func withstanding(
        _ attack: Attack, _ examples: ArraySlice<Int>, network: Network, data: Dataset, branch: PassMode.Branch,
        _ generator: SeededGenerator
    ) -> Int {
        for (row, index) in examples.enumerated() { network.setExample(row, from: data, at: index) }
        let mode = PassMode(statistics: network.usedStatistics, branch: branch)
        let logits = network.forward(batch: examples.count, mode: mode)
        let wasRight = examples.indices.map { network.outcome(of: $0 - examples.startIndex, logits: logits).isCorrect }
        // What is wrong already need not be attacked, unless others are normalised by it.
        let rows = wasRight.indices.filter { wasRight[$0] || network.usedStatistics == .batch }
        guard !rows.isEmpty else { return 0 }
        for (place, row) in rows.enumerated() {
            let index = examples[examples.startIndex + row]
            network.setExample(place, from: data, at: index)
            attack.setKey(generator.stream("attack").stream("example", UInt64(index)).key, of: place)
        }
        attack.run(batch: rows.count, epsilon: attack.spec.epsilon, branch: branch, judged: true)
        return rows.indices.count { wasRight[rows[$0]] && !attack.hasFooled($0) }
    }
}
