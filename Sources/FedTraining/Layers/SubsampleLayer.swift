// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Every `stride`th pixel of every `stride`th row, and further channels of zeros: a shortcut without parameters.
final class SubsampleLayer: Layer {
    private var window: fed_window
    private let outputs: Int

    /// `window` is 1x1; `outputs` channels, at least those of the input.
    init(window: fed_window, outputs: Int) {
        self.window = window
        self.outputs = outputs
    }

    var isInPlace: Bool { false }

    private var inputCount: Int { window.channels * window.height * window.width }
    private var outputCount: Int { outputs * window.output_height * window.output_width }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            fed_subsample_forward(output + start * outputCount, input + start * inputCount, outputs, &window)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        guard let inputGradient else { return }
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            fed_subsample_backward(inputGradient + start * inputCount, outputGradient + start * outputCount, &window)
        }
    }
}
