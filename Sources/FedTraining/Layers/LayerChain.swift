// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Layers one after the other, with the activations between them.
final class LayerChain {
    /// A layer with its buffers.
    struct Link {
        let layer: any Layer
        /// nil: the chain's own input.
        let input: FloatBuffer?
        /// nil: in place, on the chain's own input.
        let output: FloatBuffer?
    }

    private let links: [Link]
    /// Values of one example of the chain's input.
    private let inputCount: Int
    /// The first layer that leaves its input alone.
    private let firstOutOfPlace: Int?
    /// The first layer with parameters: where the input's gradient is not wanted, none before it is needed.
    private let firstTrained: Int?
    private let memory: WorkingMemory
    private let depth: Int

    /// `depth` counts the residual layers around the chain.
    init(links: [Link], inputCount: Int, memory: WorkingMemory, depth: Int) {
        precondition(!links.isEmpty, "a chain has layers")
        self.links = links
        self.inputCount = inputCount
        self.memory = memory
        self.depth = depth
        firstOutOfPlace = links.firstIndex { !$0.layer.isInPlace }
        firstTrained = links.firstIndex { $0.layer.isTrained }
    }

    /// Whether a backward pass through the last layer would overwrite the gradient that it starts from.
    var endsInPlace: Bool { links[links.count - 1].layer.isInPlace }

    /// Whether any layer has parameters.
    var isTrained: Bool { firstTrained != nil }

    /// Whether a forward pass through the first layer would overwrite the input.
    var beginsInPlace: Bool { links[0].layer.isInPlace }

    /// Computes the output; valid until the next pass.
    func forward(
        _ input: UnsafeMutablePointer<Float>, batch: Int, mode: PassMode
    ) -> UnsafeMutablePointer<Float> {
        var current = input
        for link in links {
            let output = link.output?.start ?? current
            link.layer.forward(current, output, batch: batch, mode: mode)
            current = output
        }
        return current
    }

    /// Calls `body` for each batch norm, with what it had as input in the last forward pass, which was from `input`.
    func forEachNormalization(
        input: UnsafeMutablePointer<Float>, _ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void
    ) {
        // Layers in place come before a buffer is a batch norm's input, never after: its output is another one.
        for link in links { link.layer.forEachNormalization(input: link.input?.start ?? input, body) }
    }

    /// Computes the gradients from that of the output; `inputGradient` nil leaves that of the input out.
    func backward(
        input: UnsafeMutablePointer<Float>, outputGradient: UnsafeMutablePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>?, batch: Int, parameters: Bool
    ) {
        var gradient = outputGradient
        for index in links.indices.reversed() {
            let link = links[index]
            let before = link.input?.start ?? input
            var target: UnsafeMutablePointer<Float>?
            let isLast = inputGradient == nil && (index == firstTrained || index == firstOutOfPlace)
            if !link.layer.isInPlace, !isLast {
                target = index == firstOutOfPlace ? inputGradient : memory.next(after: gradient, depth: depth)
            }
            link.layer.backward(
                input: before, output: link.output?.start ?? before, outputGradient: gradient, inputGradient: target,
                batch: batch, parameters: parameters)
            if isLast { return }
            if let target { gradient = target }
        }
        // Layers in place, and no others, have turned the output's gradient into the input's.
        if firstOutOfPlace == nil, let inputGradient {
            inputGradient.update(from: gradient, count: batch * inputCount)
        }
    }
}
