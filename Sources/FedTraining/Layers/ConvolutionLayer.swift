// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A convolution of any kernel and stride, tap by tap on blocks of sixteen examples.
final class ConvolutionLayer: Layer {
    private var window: fed_window
    private let outputs: Int
    private let weight: ParameterSlot
    private let bias: ParameterSlot?
    private let memory: WorkingMemory
    /// For each thread a block with its border of zeros, which nothing ever writes to; none without a border.
    private let padded: [FloatBuffer]
    /// The weights in the order of the forward pass and of the gradient of the input.
    private let outward: FloatBuffer
    private let inward: FloatBuffer

    init(window: fed_window, outputs: Int, weight: ParameterSlot, bias: ParameterSlot?, memory: WorkingMemory) {
        self.memory = memory
        self.window = window
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
        let plane = (window.height + 2 * window.padding) * (window.width + 2 * window.padding)
        padded = (0..<(window.padding == 0 ? 0 : memory.team.threads)).map { _ in
            FloatBuffer(count: window.channels * plane * Arrangement.width)
        }
        outward = FloatBuffer(count: outputs * window.channels * window.kernel_height * window.kernel_width)
        inward = FloatBuffer(count: outward.count)
        memory.request(sum: outward.count)
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { true }

    private var inputCount: Int { window.channels * window.height * window.width }
    private var pixels: Int { window.output_height * window.output_width }

    private func pad(_ block: UnsafeMutablePointer<Float>, part: Int) -> UnsafeMutablePointer<Float> {
        guard !padded.isEmpty else { return block }
        var window = window
        fed_block_pad(padded[part].start, block, &window)
        return padded[part].start
    }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        fed_kernel_reorder(outward.start, inward.start, weight.values, outputs, &window)
        memory.forEachBlock(batch: batch) { start, part in
            var window = window
            fed_convolve(
                output + start * outputs * pixels, pad(input + start * inputCount, part: part), outward.start,
                bias?.values, outputs, &window)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        if let inputGradient {
            memory.forEachBlock(batch: batch) { start, _ in
                var window = window
                fed_convolve_input_gradient(
                    inputGradient + start * inputCount, outputGradient + start * outputs * pixels, inward.start,
                    outputs, &window)
            }
        }
        guard parameters else { return }
        let sum = memory.sum(outward.count, batch: batch) { start, part, sum in
            var window = window
            fed_convolve_kernel_gradient(
                sum, outputGradient + start * outputs * pixels, pad(input + start * inputCount, part: part), outputs,
                &window)
        }
        weight.gradient.update(from: sum, count: outward.count)
        bias?.sumGradients(of: outputGradient, batch: batch, channels: outputs, pixels: pixels)
    }
}
