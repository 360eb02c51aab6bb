// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The largest value under a window, on blocks; the gradient goes to the first of the largest.
final class MaxPoolLayer: Layer {
    private var window: fed_window

    private let memory: WorkingMemory

    init(window: fed_window, memory: WorkingMemory) {
        self.window = window
        self.memory = memory
    }

    var isInPlace: Bool { false }

    private var inputCount: Int { window.channels * window.height * window.width }
    private var outputCount: Int { window.channels * window.output_height * window.output_width }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        memory.forEachBlock(batch: batch) { start, _ in
            var window = window
            fed_max_pool_forward(output + start * outputCount, input + start * inputCount, window.channels, &window)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        memory.forEachBlock(batch: batch) { start, _ in
            var window = window
            fed_max_pool_backward(
                inputGradient + start * inputCount, outputGradient + start * outputCount, output + start * outputCount,
                input + start * inputCount, window.channels, &window)
        }
    }
}
