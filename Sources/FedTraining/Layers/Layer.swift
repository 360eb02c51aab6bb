// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// One step of a network, bound to its parameters and to working memory for the largest batch.
///
/// A layer overwrites its output and its gradients: nothing need be cleared between steps. It may rely on `backward`
/// following `forward` with the same input. It never allocates in either.
protocol Layer: AnyObject {
    /// Whether input and output are the same buffer.
    var isInPlace: Bool { get }

    /// Whether it has parameters that gradients train.
    var isTrained: Bool { get }

    /// Computes the output of `batch` examples.
    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode)

    /// Computes the gradient of the input where `inputGradient` is given, and those of the parameters where `parameters`
    /// says so; may overwrite `outputGradient` only if it works in place.
    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool)

    /// Calls `body` for each batch norm that is or lies in the layer, always in the same order, with what it had as input in
    /// the last forward pass, which was from `input`.
    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void)
}

extension Layer {
    var isTrained: Bool { false }

    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void
    ) {}
}

/// A parameter tensor in the network's flat buffers.
struct ParameterSlot {
    /// The first value.
    let values: UnsafeMutablePointer<Float>
    /// The first entry of the gradient.
    let gradient: UnsafeMutablePointer<Float>

    /// Makes the gradient the sum over pixels and examples of maps in blocks: that of a bias.
    func sumGradients(of maps: UnsafePointer<Float>, batch: Int, channels: Int, pixels: Int) {
        gradient.update(repeating: 0, count: channels)
        for start in stride(from: 0, to: batch, by: Arrangement.width) {
            fed_block_sum_channels(gradient, maps + start * channels * pixels, channels, pixels)
        }
    }
}
