// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// y = x Wᵀ + b, with W of shape [outputs, inputs].
///
/// Products with a short side go through the kernels of this project, which do without OpenBLAS's copies and its pass that
/// clears the result; the limits are where both were measured to be equally fast.
final class LinearLayer: Layer {
    private let inputs: Int
    private let outputs: Int
    private let weight: ParameterSlot
    private let bias: ParameterSlot
    /// Working space for Wxᵀ, one column an example.
    private let transposed: FloatBuffer
    private let team: ThreadTeam

    init(inputs: Int, outputs: Int, weight: ParameterSlot, bias: ParameterSlot, maximumBatch: Int, team: ThreadTeam) {
        self.team = team
        self.inputs = inputs
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
        transposed = FloatBuffer(count: min(maximumBatch, outputs) * outputs)
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { true }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        if batch <= 32, batch * inputs <= 1 << 16 {
            fed_product_transposed(output, input, weight.values, bias.values, batch, outputs, inputs)
            return
        }
        // Otherwise OpenBLAS, which is up to 1.5 times as fast with the longer side first; transposing the result costs little.
        if batch < outputs {
            MatrixProduct.multiply(
                weight.values, input, transposeRight: true, into: transposed.start, rows: outputs, columns: batch,
                inner: inputs, beta: 0)
            fed_transpose_add_row(output, transposed.start, bias.values, batch, outputs)
            return
        }
        MatrixProduct.multiply(
            input, weight.values, transposeRight: true, into: output, rows: batch, columns: outputs, inner: inputs,
            beta: 0)
        fed_add_row(output, bias.values, batch, outputs)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        if parameters {
            if batch <= 128 {
                multiply(
                    outputGradient, stride: 1, step: outputs, input, into: weight.gradient, rows: outputs,
                    columns: inputs, inner: batch)
            } else {
                MatrixProduct.multiply(
                    outputGradient, transposeLeft: true, input, into: weight.gradient, rows: outputs,
                    columns: inputs, inner: batch, beta: 0)
            }
            fed_sum_rows(bias.gradient, outputGradient, batch, outputs)
        }
        guard let inputGradient else { return }
        if outputs <= 256 {
            multiply(
                outputGradient, stride: outputs, step: 1, weight.values, into: inputGradient, rows: batch,
                columns: inputs, inner: outputs)
        } else {
            MatrixProduct.multiply(
                outputGradient, weight.values, into: inputGradient, rows: batch, columns: inputs, inner: outputs,
                beta: 0)
        }
    }

    /// `fed_product`, its rows spread over the team where there is enough to do.
    private func multiply(
        _ left: UnsafePointer<Float>, stride: Int, step: Int, _ right: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, rows: Int, columns: Int, inner: Int
    ) {
        let pieces = rows * columns * inner < Self.worthSpreading ? 1 : min(team.threads, rows)
        team.forEach(pieces) { piece, _ in
            let first = piece * rows / pieces
            let last = (piece + 1) * rows / pieces
            fed_product(
                result + first * columns, left + first * stride, stride, step, right, last - first, columns, inner)
        }
    }

    /// Multiplications that take ten times as long as waking another thread, or more.
    private static let worthSpreading = 1 << 24
}
