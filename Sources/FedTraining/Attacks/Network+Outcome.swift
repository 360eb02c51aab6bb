// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

extension Network {
    /// The plain cross-entropy of example `row` of the pass that gave `logits`, and whether its label has the largest
    /// logit, the first of equals.
    func outcome(of row: Int, logits: UnsafePointer<Float>) -> (loss: Double, isCorrect: Bool) {
        let scores = logits + row * classes
        let label = Int(labels[row])
        var best = 0
        for index in 1..<classes where scores[index] > scores[best] { best = index }
        var sum = 0.0
        for index in 0..<classes { sum += fed_exp(Double(scores[index]) - Double(scores[best])) }
        return (fed_log(sum) + (Double(scores[best]) - Double(scores[label])), best == label)
    }
}
