// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension Network {
    /// How many features an example has by which a detector chooses a branch; nil without dual batch norms, or where they
    /// normalise by the batch.
    package var branchFeatures: Int? {
        guard usedStatistics == .running, layout.parameters.contains(where: { $0.role == .adversarialStatistics })
        else { return nil }
        var count = 0
        forEachNormalization { layer, _ in count += layer.distanceCount }
        return 2 * count
    }

    /// The probability of each class for one example, through the branch that `detector` chooses, and whether that is
    /// the adversarial one.
    ///
    /// nil where `branchFeatures` is not the number of the detector's weights.
    package func probabilities(
        image: [Float], detector: BranchDetector
    ) -> (probabilities: [Double], isDetected: Bool)? {
        guard let comparison = BranchComparison(on: self), comparison.featureCount == detector.weights.count else {
            return nil
        }
        let batch = setExamples(image)
        precondition(batch == 1, "one example")
        comparison.run(batch: batch)
        let (logits, detected) = comparison.choose(by: detector, batch: batch)
        return (softmax(UnsafeBufferPointer(start: logits, count: classes)), detected[0])
    }

    /// The features of a few examples, at most `maximumBatch`, one row an example; nil as `branchFeatures`.
    ///
    /// For checks of the features themselves.
    package func branchFeatures(images: [Float]) -> [[Double]]? {
        guard let comparison = BranchComparison(on: self) else { return nil }
        let batch = setExamples(images)
        comparison.run(batch: batch)
        return (0..<batch).map { comparison.features(of: $0) }
    }
}
