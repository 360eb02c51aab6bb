// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension Network {
    /// What training makes of `images`, at most `maximumBatch`, in an epoch that visits them in `order`: one image a row
    /// of the batch.
    ///
    /// For checks of the augmentation itself; training goes through `LocalTraining`.
    package func varied(
        images: [Float], order: [Int], by spec: AugmentationSpec, epoch: SeededGenerator
    ) -> [[Float]] {
        let augmentation = Augmentation(spec, network: self)
        _ = setExamples(order.flatMap { images[($0 * input.count)..<(($0 + 1) * input.count)] })
        for (row, index) in order.enumerated() {
            augmentation.apply(to: self, row: row, index: index, epoch: epoch)
        }
        return order.indices.map { row in
            Array(UnsafeBufferPointer(start: inputValues.start + row * input.count, count: input.count))
        }
    }
}
