// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A detector with how well it does on the examples that it was fitted to.
public struct BranchDetectorFit: Hashable, Sendable {
    /// The detector.
    public let detector: BranchDetector
    /// How many examples of the data it was fitted to.
    public let examples: Int
    /// The share of them that, as they are, it takes for attacked, in [0, 1].
    public let falseAlarms: Double
    /// The share of their attacked versions that it takes for attacked, in [0, 1].
    public let detections: Double

    /// Fits a detector to examples of `data` as they are, and as `attack` makes them through the clean branch and through the
    /// adversarial one: these two count half each.
    ///
    /// `examples` (at least 1) are drawn with `generator`, or all are taken; it decides random starts as well. The parameters
    /// of `network` stay as they are, and its largest batch decides speed and memory. Throws `TrainingError.shapeMismatch` where data
    /// and network do not belong together, and `.invalidSpecification` for a network without dual batch norms or that normalises by
    /// its batch, an attack out of range or that moves nothing, or data outside [0, 1].
    public init(
        network: Network, data: Dataset, attack: AttackSpec, examples: Int? = nil,
        generator: SeededGenerator = SeededGenerator(key: 0)
    ) throws(TrainingError) {
        try Evaluator.check(network: network, data: data, attack: attack, setting: "detector")
        guard attack.epsilon > 0 else {
            throw TrainingError(
                .invalidSpecification, "detector: an attack of ε 0 moves nothing: there is nothing to detect")
        }
        guard let comparison = BranchComparison(on: network) else { throw Evaluator.noBranches }
        let search = Attack(attack, on: network)
        let plan = EvaluationBatches(
            of: data, size: network.maximumBatch, areDependent: false, generator: generator)
        var samples: [LogisticRegression.Example] = []
        func add(_ batch: Int, isAttacked: Bool, weight: Double) {
            comparison.run(batch: batch)
            for row in 0..<batch {
                samples.append(
                    LogisticRegression.Example(
                        features: comparison.features(of: row), isPositive: isAttacked, weight: weight))
            }
        }
        let batches = plan.sample(examples, generator: generator)
        for batch in batches {
            for (row, index) in batch.enumerated() {
                network.setExample(row, from: data, at: index)
                search.setKey(generator.stream("attack").stream("example", UInt64(index)).key, of: row)
            }
            add(batch.count, isAttacked: false, weight: 1)
            for branch in [PassMode.Branch.clean, .adversarial] {
                search.run(batch: batch.count, epsilon: attack.epsilon, branch: branch)
                add(batch.count, isAttacked: true, weight: 0.5)
                search.restoreClean(batch: batch.count)
            }
        }
        let fit = LogisticRegression(fittedTo: samples)
        let detector = BranchDetector(weights: fit.weights, offset: fit.offset, attack: attack)
        func share(_ isAttacked: Bool) -> Double {
            let chosen = samples.filter { $0.isPositive == isAttacked }
            return Double(chosen.count { detector.detects($0.features) }) / Double(chosen.count)
        }
        self.detector = detector
        self.examples = batches.reduce(0) { $0 + $1.count }
        falseAlarms = share(false)
        detections = share(true)
    }
}
