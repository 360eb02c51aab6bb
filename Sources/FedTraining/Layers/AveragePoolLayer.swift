// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The mean under a window, on blocks.
final class AveragePoolLayer: Layer {
    private var window: fed_window

    init(window: fed_window) {
        self.window = window
    }

    var isInPlace: Bool { false }

    private func blocks(_ batch: Int) -> Int { Arrangement.blocks.stored(batch) / Arrangement.width }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_average_pool_forward(output, input, blocks(batch) * window.channels, &window)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        fed_average_pool_backward(inputGradient, outputGradient, blocks(batch) * window.channels, &window)
    }
}
