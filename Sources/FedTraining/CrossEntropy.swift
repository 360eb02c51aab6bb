// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Which softmax cross-entropy is minimised; `ObjectiveTerm.crossEntropy` says what the settings mean.
package struct CrossEntropy: Hashable, Sendable {
    /// s in [0, 1): every class gets s / classes of the target, the label the rest besides.
    package var labelSmoothing: Float
    /// Whether the logits of classes that no example of the batch has count as 0.
    package var masked: Bool

    /// A loss with every default visible.
    package init(labelSmoothing: Float = 0, masked: Bool = false) {
        self.labelSmoothing = labelSmoothing
        self.masked = masked
    }

    /// The loss that an objective wants.
    init(_ objective: [ObjectiveTerm]) {
        self.init()
        for case .crossEntropy(let labelSmoothing, let masked) in objective {
            self.init(labelSmoothing: labelSmoothing, masked: masked)
        }
    }

    /// The sum of the losses of `labels.count` examples and how many were right, whatever the mask.
    ///
    /// `logits` and `gradient` are of shape [examples, classes]; the gradient becomes that of `scale` times the sum.
    /// Labels are in 0..<`classes`. Up to 1024 classes, nothing is allocated.
    func evaluate(
        gradient: UnsafeMutablePointer<Float>, logits: UnsafePointer<Float>, labels: UnsafeBufferPointer<Int32>,
        classes: Int, scale: Float
    ) -> (loss: Double, correct: Int) {
        var correct = 0
        guard masked else {
            let loss = fed_softmax_cross_entropy(
                gradient, &correct, logits, labels.baseAddress, labels.count, classes, scale, labelSmoothing, nil)
            return (loss, correct)
        }
        let loss = withUnsafeTemporaryAllocation(of: Bool.self, capacity: classes) { present in
            present.initialize(repeating: false)
            for label in labels { present[Int(label)] = true }
            return fed_softmax_cross_entropy(
                gradient, &correct, logits, labels.baseAddress, labels.count, classes, scale, labelSmoothing,
                present.baseAddress)
        }
        return (loss, correct)
    }
}
