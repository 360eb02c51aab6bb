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
    /// as they are. A network that normalises by its batch is measured on batches of at most `dependentBatch`, as equal in size
    /// as can be, in an order drawn with `generator` that keeps examples with the same value of the data's first attribute
    /// together.
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
        let batchSize = size(of: min(batchSize, network.maximumBatch), network: network, examples: data.count)
        let branch = PassMode.Branch(adversarialShare: adversarialShare)
        let order = order(of: data, for: network, generator: generator)
        var evaluation = clean(network: network, data: data, order: order, batchSize: batchSize, branch: branch)
        if let attack {
            let search = Attack(attack, on: network)
            let examples = sample(robustExamples, of: order, generator: generator)
            var survivors = 0
            for start in stride(from: 0, to: examples.count, by: batchSize) {
                let batch = examples[start..<min(start + batchSize, examples.count)]
                survivors += withstanding(search, batch, network: network, data: data, branch: branch, generator)
            }
            evaluation.robustAccuracy = Double(survivors) / Double(examples.count)
        }
        return evaluation
    }

    /// The largest batch of a network that normalises by it (the size of the experiments of Split-Mix, Hong et al., ICLR 2022).
    public static let dependentBatch = 128

    /// How many examples of `examples` a batch has.
    private static func size(of largest: Int, network: Network, examples: Int) -> Int {
        guard network.usedStatistics == .batch else { return largest }
        let most = min(largest, dependentBatch)
        let batches = (examples + most - 1) / most
        return (examples + batches - 1) / batches
    }

    /// The examples in the order in which they are measured.
    package static func order(of data: Dataset, for network: Network, generator: SeededGenerator) -> [Int] {
        var order = Array(0..<data.count)
        guard network.usedStatistics == .batch else { return order }
        var stream = generator.stream("order")
        stream.shuffle(&order)
        guard let codes = data.attributes.first?.codes else { return order }
        return order.enumerated()
            .sorted { (codes[$0.element], $0.offset) < (codes[$1.element], $1.offset) }
            .map(\.element)
    }

    private static func clean(
        network: Network, data: Dataset, order: [Int], batchSize: Int, branch: PassMode.Branch
    ) -> Evaluation {
        var loss = 0.0
        var correct = 0
        for start in stride(from: 0, to: data.count, by: batchSize) {
            let batch = min(batchSize, data.count - start)
            for row in 0..<batch { network.setExample(row, from: data, at: order[start + row]) }
            network.forward(batch: batch, mode: PassMode(statistics: network.usedStatistics, branch: branch))
            let result = network.crossEntropy(batch: batch)
            loss += result.loss
            correct += result.correct
        }
        return Evaluation(accuracy: Double(correct) / Double(data.count), loss: loss / Double(data.count))
    }

    /// `number` of the examples of `order`, in that order; all of them without a number.
    private static func sample(_ number: Int?, of order: [Int], generator: SeededGenerator) -> [Int] {
        guard let number, number < order.count else { return order }
        var stream = generator.stream("robustExamples")
        var drawn = Array(0..<order.count)
        stream.shuffle(&drawn)
        let chosen = Set(drawn[..<max(1, number)])
        return order.filter(chosen.contains)
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
