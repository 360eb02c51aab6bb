// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// y = x Wᵀ + b, with W of shape [outputs, inputs].
final class LinearLayer: Layer {
    private let inputs: Int
    private let outputs: Int
    private let weight: ParameterSlot
    private let bias: ParameterSlot

    init(inputs: Int, outputs: Int, weight: ParameterSlot, bias: ParameterSlot) {
        self.inputs = inputs
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
    }

    var isInPlace: Bool { false }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        MatrixProduct.multiply(
            input, weight.values, transposeRight: true, into: output, rows: batch, columns: outputs, inner: inputs,
            beta: 0)
        fed_add_row(output, bias.values, batch, outputs)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int
    ) {
        MatrixProduct.multiply(
            outputGradient, transposeLeft: true, input, into: weight.gradient, rows: outputs, columns: inputs,
            inner: batch, beta: 0)
        fed_sum_rows(bias.gradient, outputGradient, batch, outputs)
        guard let inputGradient else { return }
        MatrixProduct.multiply(
            outputGradient, weight.values, into: inputGradient, rows: batch, columns: inputs, inner: outputs, beta: 0)
    }
}
