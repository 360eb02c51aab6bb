// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The largest value under a window, on blocks; the gradient goes to the first of the largest.
final class MaxPoolLayer: Layer {
    private var window: fed_window

    init(window: fed_window) {
        self.window = window
    }

    var isInPlace: Bool { false }

    private func planes(_ batch: Int) -> Int {
        Arrangement.blocks.stored(batch) / Arrangement.width * window.channels
    }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_max_pool_forward(output, input, planes(batch), &window)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        fed_max_pool_backward(inputGradient, outputGradient, output, input, planes(batch), &window)
    }
}
