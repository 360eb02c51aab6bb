// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A convolution of any kernel and stride, tap by tap on blocks of sixteen examples.
final class ConvolutionLayer: Layer {
    private var window: fed_window
    private let outputs: Int
    private let weight: ParameterSlot
    private let bias: ParameterSlot?
    /// A block with its border of zeros, which nothing ever writes to; nil without a border.
    private let padded: FloatBuffer?
    /// The weights in the order of the forward pass and of the gradient of the input.
    private let outward: FloatBuffer
    private let inward: FloatBuffer

    init(window: fed_window, outputs: Int, weight: ParameterSlot, bias: ParameterSlot?) {
        self.window = window
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
        let plane = (window.height + 2 * window.padding) * (window.width + 2 * window.padding)
        padded =
            window.padding == 0 ? nil : FloatBuffer(count: window.channels * plane * Arrangement.width)
        outward = FloatBuffer(count: outputs * window.channels * window.kernel_height * window.kernel_width)
        inward = FloatBuffer(count: outward.count)
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { true }

    private var inputCount: Int { window.channels * window.height * window.width }
    private var pixels: Int { window.output_height * window.output_width }

    private func pad(_ block: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        guard let padded else { return block }
        fed_block_pad(padded.start, block, &window)
        return padded.start
    }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_kernel_reorder(outward.start, inward.start, weight.values, outputs, &window)
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            fed_convolve(
                output + start * outputs * pixels, pad(input + start * inputCount), outward.start, bias?.values,
                outputs, &window)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        if parameters {
            weight.gradient.update(repeating: 0, count: outward.count)
            bias?.gradient.update(repeating: 0, count: outputs)
        }
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            let gradient = outputGradient + start * outputs * pixels
            if parameters {
                let block = pad(input + start * inputCount)
                fed_convolve_kernel_gradient(weight.gradient, gradient, block, outputs, &window)
                if let bias { fed_block_sum_channels(bias.gradient, gradient, outputs, pixels) }
            }
            if let inputGradient {
                fed_convolve_input_gradient(
                    inputGradient + start * inputCount, gradient, inward.start, outputs, &window)
            }
        }
    }
}
