// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// The mean of what independent base networks give on the same rows (Split-Mix, Hong et al., ICLR 2022, section 3.2).
final class EnsembleLayer: Layer {
    private let bases: [LayerChain]
    private let inputs: Int
    private let outputs: Int
    private let memory: WorkingMemory
    private let depth: Int
    /// What each base has of the output's gradient.
    private let share: FloatBuffer

    /// `bases`, at least one, each from `inputs` values an example to `outputs`, neither beginning nor ending in place: all
    /// need the input, and one share of the output's gradient. `depth` counts the layers with chains around this one.
    init(
        bases: [LayerChain], inputs: Int, outputs: Int, maximumBatch: Int, memory: WorkingMemory, depth: Int
    ) {
        precondition(!bases.isEmpty, "an ensemble has base networks")
        self.bases = bases
        self.inputs = inputs
        self.outputs = outputs
        self.memory = memory
        self.depth = depth
        share = FloatBuffer(count: maximumBatch * outputs)
        memory.request(spare: inputs, depth: depth)
    }

    var isInPlace: Bool { false }
    var isTrained: Bool { bases.contains { $0.isTrained } }

    func forward(
        _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) {
        let count = batch * outputs
        for (number, base) in bases.enumerated() {
            let result = base.forward(input, batch: batch, mode: mode)
            if number == 0 { output.update(from: result, count: count) } else { fed_add(output, result, count) }
        }
        for index in 0..<count { output[index] /= Float(bases.count) }
    }

    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void
    ) {
        for base in bases { base.forEachNormalization(input: input, body) }
    }

    func backward(
        input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?, batch: Int,
        parameters: Bool
    ) {
        for index in 0..<(batch * outputs) { share.start[index] = outputGradient[index] / Float(bases.count) }
        for (number, base) in bases.enumerated() {
            // The first base writes the sum, the others add to it.
            let target = inputGradient == nil || number == 0 ? inputGradient : memory.spare(depth: depth)
            base.backward(
                input: input, outputGradient: share.start, inputGradient: target, batch: batch, parameters: parameters)
            if number > 0, let inputGradient, let target { fed_add(inputGradient, target, batch * inputs) }
        }
    }
}
