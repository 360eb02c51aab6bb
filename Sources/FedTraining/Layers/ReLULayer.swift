// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// max(x, 0), in place; the gradient at 0 is 0.
final class ReLULayer: Layer {
    private let count: Int
    private let arrangement: Arrangement

    /// `count` values an example.
    init(count: Int, arrangement: Arrangement) {
        self.count = count
        self.arrangement = arrangement
    }

    var isInPlace: Bool { true }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_relu_forward(output, arrangement.stored(batch) * count)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        fed_relu_backward(outputGradient, output, arrangement.stored(batch) * count)
    }
}
