// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// body(x) + shortcut(x) on blocks, with x itself where the shortcut has no layers (He et al., CVPR 2016, eq. 1 and 2).
final class ResidualLayer: Layer {
    private let body: LayerChain
    private let shortcut: LayerChain?
    private let inputCount: Int
    private let outputCount: Int
    private let memory: WorkingMemory
    private let depth: Int

    /// `depth` counts the residual layers around this one. Neither chain begins or ends in place: both need the input and
    /// the output's gradient.
    init(
        body: LayerChain, shortcut: LayerChain?, input: InputShape, output: InputShape, memory: WorkingMemory,
        depth: Int
    ) {
        self.body = body
        self.shortcut = shortcut
        inputCount = input.count
        outputCount = output.count
        self.memory = memory
        self.depth = depth
        if shortcut != nil { memory.request(spare: input.count, depth: depth) }
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { body.isTrained || (shortcut?.isTrained ?? false) }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        let sum = body.forward(input, batch: batch, mode: mode)
        let other = shortcut?.forward(input, batch: batch, mode: mode) ?? input
        fed_sum(output, sum, other, Arrangement.blocks.stored(batch) * outputCount)
    }

    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void
    ) {
        self.body.forEachNormalization(input: input, body)
        shortcut?.forEachNormalization(input: input, body)
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        body.backward(
            input: input, outputGradient: outputGradient, inputGradient: inputGradient, batch: batch,
            parameters: parameters)
        guard let shortcut else {
            if let inputGradient {
                fed_add(inputGradient, outputGradient, Arrangement.blocks.stored(batch) * inputCount)
            }
            return
        }
        let other = inputGradient == nil ? nil : memory.spare(depth: depth)
        shortcut.backward(
            input: input, outputGradient: outputGradient, inputGradient: other, batch: batch, parameters: parameters)
        if let inputGradient, let other { fed_add(inputGradient, other, Arrangement.blocks.stored(batch) * inputCount) }
    }
}
