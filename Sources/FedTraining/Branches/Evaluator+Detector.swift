// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension Evaluator {
    /// Accuracy and mean cross-entropy of `network` on all of `data` where `detector` chooses a branch for each example, and with
    /// an attack robust accuracy.
    ///
    /// Robust accuracy is the share of examples that are classified correctly as they are and at the end of every start of
    /// `attack` through the clean branch *and* of every one through the adversarial branch, by the branch that the detector chooses
    /// there. The attack does not know the detector: one that does may find more. The rest is as in `evaluate` without a detector;
    /// throws in addition `TrainingError.invalidSpecification` for a network without dual batch norms or that normalises by
    /// its batch, and for a detector of another network.
    public static func evaluate(
        network: Network, data: Dataset, detector: BranchDetector, batchSize: Int = 256, attack: AttackSpec? = nil,
        robustExamples: Int? = nil, generator: SeededGenerator = SeededGenerator(key: 0)
    ) throws(TrainingError) -> DetectedEvaluation {
        precondition(batchSize >= 1, "a batch has at least one example")
        try check(network: network, data: data, attack: attack, setting: "evaluation.attack")
        guard let comparison = BranchComparison(on: network) else { throw noBranches }
        guard comparison.featureCount == detector.weights.count else {
            throw TrainingError(
                .invalidSpecification,
                "the detector has \(detector.weights.count) weights, but the network \(comparison.featureCount) features: it "
                    + "was fitted to another one")
        }
        let plan = EvaluationBatches(
            of: data, size: min(batchSize, network.maximumBatch), areDependent: false, generator: generator)
        let measurement = Measurement(network: network, data: data, detector: detector, comparison: comparison)
        var result = measurement.clean(plan.all)
        guard let attack else { return result }
        let search = Attack(attack, on: network)
        var total = Measurement.Attacked()
        for batch in plan.sample(robustExamples, generator: generator) {
            measurement.withstand(search, batch, generator, adding: &total)
        }
        result.evaluation.robustAccuracy = Double(total.withstanding) / Double(total.examples)
        result.detections = total.versions > 0 ? Double(total.detected) / Double(total.versions) : nil
        return result
    }

    /// Why there is nothing to choose.
    static var noBranches: TrainingError {
        TrainingError(
            .invalidSpecification,
            "a detector chooses between the two branches of dual batch norms by their running statistics, which this model lacks: "
                + "train it with model.normalization dual-shared or dual-separate, and without model.statistics batch")
    }

    /// A network with the detector that chooses its branches.
    private struct Measurement {
        let network: Network
        let data: Dataset
        let detector: BranchDetector
        let comparison: BranchComparison

        struct Attacked {
            var examples = 0
            var withstanding = 0
            /// What starts of the attack have made, and how much of it was detected.
            var versions = 0
            var detected = 0
        }

        /// Looks at the first `batch` examples of the network's input: the loss of each, whether it is right, and whether it is
        /// taken for attacked.
        private func look(_ batch: Int) -> [(loss: Double, isRight: Bool, isDetected: Bool)] {
            comparison.run(batch: batch)
            let (logits, detected) = comparison.choose(by: detector, batch: batch)
            return (0..<batch).map { row in
                let (loss, isRight) = network.outcome(of: row, logits: logits)
                return (loss, isRight, detected[row])
            }
        }

        func clean(_ batches: [ArraySlice<Int>]) -> DetectedEvaluation {
            var (loss, correct, alarms) = (0.0, 0, 0)
            for batch in batches {
                for (row, index) in batch.enumerated() { network.setExample(row, from: data, at: index) }
                for outcome in look(batch.count) {
                    loss += outcome.loss
                    correct += outcome.isRight ? 1 : 0
                    alarms += outcome.isDetected ? 1 : 0
                }
            }
            let count = Double(data.count)
            return DetectedEvaluation(
                evaluation: Evaluation(accuracy: Double(correct) / count, loss: loss / count),
                falseAlarms: Double(alarms) / count)
        }

        func withstand(
            _ attack: Attack, _ examples: ArraySlice<Int>, _ generator: SeededGenerator, adding total: inout Attacked
        ) {
            for (row, index) in examples.enumerated() { network.setExample(row, from: data, at: index) }
            let right = zip(examples, look(examples.count)).filter { $0.1.isRight }.map(\.0)
            total.examples += examples.count
            guard !right.isEmpty else { return }
            for (row, index) in right.enumerated() {
                network.setExample(row, from: data, at: index)
                attack.setKey(generator.stream("attack").stream("example", UInt64(index)).key, of: row)
            }
            var withstands = [Bool](repeating: true, count: right.count)
            var (versions, detected) = (0, 0)
            for branch in [PassMode.Branch.clean, .adversarial] {
                attack.run(batch: right.count, epsilon: attack.spec.epsilon, branch: branch) {
                    for (row, outcome) in look(right.count).enumerated() {
                        versions += 1
                        detected += outcome.isDetected ? 1 : 0
                        if !outcome.isRight { withstands[row] = false }
                    }
                }
                attack.restoreClean(batch: right.count)
            }
            total.versions += versions
            total.detected += detected
            total.withstanding += withstands.count { $0 }
        }
    }
}
