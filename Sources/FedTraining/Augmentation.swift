// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// Random crops and mirror images of the examples of a batch.
///
/// What happens to an example depends on the stream of the epoch and the example's index only, so that neither the order
/// of batches nor their size matters.
final class Augmentation {
    private let spec: AugmentationSpec
    /// One example as it was.
    private let original: FloatBuffer

    init(_ spec: AugmentationSpec, network: Network) {
        self.spec = spec
        original = FloatBuffer(count: network.input.count)
    }

    /// Varies example `row` of the network's next pass, which is number `index` of its data.
    func apply(to network: Network, row: Int, index: Int, epoch: SeededGenerator) {
        var generator = epoch.stream("example", UInt64(index))
        let padding = spec.cropPadding
        let down = generator.nextIndex(below: 2 * padding + 1) - padding
        let right = generator.nextIndex(below: 2 * padding + 1) - padding
        let isMirrored = generator.next() >> 63 == 1 && spec.horizontalFlip
        guard down != 0 || right != 0 || isMirrored else { return }
        let input = network.input
        let example = network.inputValues.start + row * input.count
        original.start.update(from: example, count: input.count)
        fed_shift_image(
            example, original.start, input.channels, input.height, input.width, down, right, isMirrored)
    }
}
