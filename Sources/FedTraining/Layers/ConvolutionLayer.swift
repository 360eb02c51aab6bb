// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// A convolution as a matrix product per image: out[o, p] = W[o, k] · columns[k, p] + b[o].
///
/// The columns of one image stay in the second-level cache between being written and being read; those of a whole batch
/// would not. They are made again in the backward pass, which is cheaper than reading them back from memory.
final class ConvolutionLayer: Layer {
    private var window: fed_window
    private let outputs: Int
    private let weight: ParameterSlot
    private let bias: ParameterSlot?
    /// The image with its border of zeros, which nothing ever writes to.
    private let padded: FloatBuffer
    /// Working space for the gradient of the padded image.
    private let paddedGradient: FloatBuffer
    private let columns: FloatBuffer
    private let inputCount: Int
    private let kernelCount: Int
    private let pixels: Int

    init(window: fed_window, outputs: Int, weight: ParameterSlot, bias: ParameterSlot?) {
        self.window = window
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
        inputCount = window.channels * window.height * window.width
        kernelCount = window.channels * window.kernel_height * window.kernel_width
        pixels = window.output_height * window.output_width
        let paddedCount =
            window.channels * (window.height + 2 * window.padding) * (window.width + 2 * window.padding)
        padded = FloatBuffer(count: paddedCount)
        paddedGradient = FloatBuffer(count: paddedCount)
        columns = FloatBuffer(count: kernelCount * pixels)
    }

    var isInPlace: Bool { false }

    private func gatherColumns(_ image: UnsafePointer<Float>) {
        fed_pad(padded.start, image, &window)
        fed_image_to_columns(columns.start, padded.start, &window)
    }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        for image in 0..<batch {
            gatherColumns(input + image * inputCount)
            let result = output + image * outputs * pixels
            if let bias { fed_fill_rows(result, bias.values, outputs, pixels) }
            MatrixProduct.multiply(
                weight.values, columns.start, into: result, rows: outputs, columns: pixels, inner: kernelCount,
                beta: bias == nil ? 0 : 1)
        }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        if parameters, let bias { fed_sum_channels(bias.gradient, outputGradient, batch, outputs, pixels) }
        for image in 0..<batch {
            let gradient = outputGradient + image * outputs * pixels
            if parameters {
                gatherColumns(input + image * inputCount)
                MatrixProduct.multiply(
                    gradient, columns.start, transposeRight: true, into: weight.gradient, rows: outputs,
                    columns: kernelCount, inner: pixels, beta: image == 0 ? 0 : 1)
            }
            guard let inputGradient else { continue }
            MatrixProduct.multiply(
                weight.values, transposeLeft: true, gradient, into: columns.start, rows: kernelCount, columns: pixels,
                inner: outputs, beta: 0)
            fed_columns_to_image(
                inputGradient + image * inputCount, paddedGradient.start, columns.start, &window)
        }
    }
}
