// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension Network {
    /// The mean cross-entropy of a few examples, at most `maximumBatch`, and its gradient in layout order.
    ///
    /// For checks of the layers themselves; training goes through `LocalTraining`.
    package func lossAndGradient(
        images: [Float], labels: [Int32], mode: PassMode, loss: CrossEntropy = CrossEntropy()
    ) -> (loss: Double, gradient: [Float]) {
        let batch = setExamples(images, labels: labels)
        forward(batch: batch, mode: mode)
        let sum = crossEntropy(batch: batch, loss: loss).loss
        backward(batch: batch)
        return (sum / Double(batch), gradientValues.values)
    }

    /// The gradient of the mean cross-entropy of a few examples, at most `maximumBatch`, by their images, in their order.
    ///
    /// Without the gradients of parameters, as an attack computes it; a mixture of branches has this gradient too.
    package func inputGradient(images: [Float], labels: [Int32], mode: PassMode) -> [Float] {
        let batch = setExamples(images, labels: labels)
        forward(batch: batch, mode: mode)
        _ = crossEntropy(batch: batch)
        backward(batch: batch, parameters: false, input: true)
        return Array(UnsafeBufferPointer(start: inputGradient.start, count: images.count))
    }

    /// The logits of a few examples, at most `maximumBatch`: one row an example.
    package func logits(images: [Float], mode: PassMode = .evaluation) -> [Float] {
        let batch = setExamples(images)
        return Array(UnsafeBufferPointer(start: forward(batch: batch, mode: mode), count: batch * classes))
    }
}
