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
    /// as they are.
    ///
    /// Throws `TrainingError.shapeMismatch` where data and network do not belong together, or there are no data, and
    /// `.invalidSpecification` for an attack out of range, or on data outside [0, 1].
    public static func evaluate(
        network: Network, data: Dataset, batchSize: Int = 256, adversarialShare: Float = 0, attack: AttackSpec? = nil,
        robustExamples: Int? = nil, generator: SeededGenerator = SeededGenerator(key: 0)
    ) throws(TrainingError) -> Evaluation {
        precondition(batchSize >= 1, "a batch has at least one example")
        precondition((0...1).contains(adversarialShare), "a share is in [0, 1]")
        try network.checkFits(data)
        if let attack {
            do throws(CoreError) { try attack.validate(at: "evaluation.attack") } catch {
                throw TrainingError(.invalidSpecification, error.message)
            }
            try data.checkCanBeAttacked(by: "evaluation.attack")
        }
        let batchSize = min(batchSize, network.maximumBatch)
        let branch = PassMode.Branch(adversarialShare: adversarialShare)
        var evaluation = clean(network: network, data: data, batchSize: batchSize, branch: branch)
        if let attack {
            let search = Attack(attack, on: network)
            let examples = sample(robustExamples, of: data.count, generator: generator)
            var survivors = 0
            for start in stride(from: 0, to: examples.count, by: batchSize) {
                let batch = examples[start..<min(start + batchSize, examples.count)]
                survivors += withstanding(search, batch, network: network, data: data, branch: branch, generator)
            }
            evaluation.robustAccuracy = Double(survivors) / Double(examples.count)
        }
        return evaluation
    }

    private static func clean(
        network: Network, data: Dataset, batchSize: Int, branch: PassMode.Branch
    ) -> Evaluation {
        var loss = 0.0
        var correct = 0
        for start in stride(from: 0, to: data.count, by: batchSize) {
            let batch = min(batchSize, data.count - start)
            for row in 0..<batch { network.setExample(row, from: data, at: start + row) }
            network.forward(batch: batch, mode: PassMode(statistics: .running, branch: branch))
            let result = network.crossEntropy(batch: batch)
            loss += result.loss
            correct += result.correct
        }
        return Evaluation(accuracy: Double(correct) / Double(data.count), loss: loss / Double(data.count))
    }

    /// `number` of the indices below `count`, in rising order; all of them without a number.
    private static func sample(_ number: Int?, of count: Int, generator: SeededGenerator) -> [Int] {
        var indices = Array(0..<count)
        guard let number, number < count else { return indices }
        var stream = generator.stream("robustExamples")
        stream.shuffle(&indices)
        return indices[..<max(1, number)].sorted()
    }

    /// How many of `examples`, one batch at most, are classified correctly in spite of the attack.
    private static func withstanding(
        _ attack: Attack, _ examples: ArraySlice<Int>, network: Network, data: Dataset, branch: PassMode.Branch,
        _ generator: SeededGenerator
    ) -> Int {
        for (row, index) in examples.enumerated() { network.setExample(row, from: data, at: index) }
        let logits = network.forward(batch: examples.count, mode: PassMode(statistics: .running, branch: branch))
        let right = zip(examples, 0...).filter { network.outcome(of: $0.1, logits: logits).isCorrect }.map(\.0)
        guard !right.isEmpty else { return 0 }
        // What is wrong already need not be attacked.
        for (row, index) in right.enumerated() {
            network.setExample(row, from: data, at: index)
            attack.setKey(generator.stream("attack").stream("example", UInt64(index)).key, of: row)
        }
        attack.run(batch: right.count, epsilon: attack.spec.epsilon, branch: branch, judged: true)
        return right.indices.count { !attack.hasFooled($0) }
    }
}
