// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension Network {
    /// The probability of each class for a few examples, at most `maximumBatch`: one row an example, which adds up to 1.
    ///
    /// As evaluated: without dropout, through the mixture of branches of `adversarialShare`, in
    /// [0, 1].
    package func probabilities(images: [Float], adversarialShare: Float) -> [Double] {
        let mode = PassMode(statistics: usedStatistics, branch: PassMode.Branch(adversarialShare: adversarialShare))
        let logits = logits(images: images, mode: mode)
        return stride(from: 0, to: logits.count, by: classes).flatMap { start in
            softmax(logits[start..<(start + classes)])
        }
    }

    /// The probabilities that belong to `logits`, one of each class.
    func softmax(_ logits: some Collection<Float>) -> [Double] {
        let row = logits.map(Double.init)
        let largest = row.max() ?? 0
        let powers = row.map { fed_exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
