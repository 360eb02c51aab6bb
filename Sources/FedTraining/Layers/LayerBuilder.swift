// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels

/// Turns specifications into layers with memory.
struct LayerBuilder {
    /// The network's tensors, in layout order.
    private var slots: ArraySlice<ParameterSlot>
    private var dropouts = 0
    private let maximumBatch: Int
    private let memory: WorkingMemory

    /// Builds on `slots`, one for each tensor of the specifications to come.
    init(slots: [ParameterSlot], maximumBatch: Int, memory: WorkingMemory) {
        self.slots = slots[...]
        self.maximumBatch = maximumBatch
        self.memory = memory
    }

    /// A chain of `specs`, which fit on `input`, from and to `ends`; nil where none of them does anything.
    mutating func chain(
        _ specs: [LayerSpec], input: InputShape, ends: Arrangement, depth: Int
    ) throws(TrainingError) -> LayerChain? {
        var links: [LayerChain.Link] = []
        var shape = input
        var arrangement = ends
        var buffer: FloatBuffer?
        var isPooled = false
        func append(_ layer: any Layer, count: Int) {
            let stored = Arrangement.blocks.stored(maximumBatch)
            let result = layer.isInPlace ? buffer : FloatBuffer(count: stored * count)
            links.append(LayerChain.Link(layer: layer, input: buffer, output: result))
            buffer = result
            memory.request(chain: count, depth: depth)
        }
        func arrange(_ target: Arrangement) {
            guard target != arrangement else { return }
            append(RearrangingLayer(count: shape.count, to: target), count: shape.count)
            isPooled = false
            arrangement = target
        }
        var index = 0
        while index < specs.count {
            let spec = specs[index]
            let output = try spec.outputShape(of: shape)
            // A rectifier behind a batch norm is part of it: one pass over the values instead of two.
            let rectifies = spec.isBatchNorm && index + 1 < specs.count && specs[index + 1] == .relu
            if let target = spec.arrangement(on: shape) { arrange(target) }
            let made = try layer(
                spec, on: shape, output: output, arrangement: arrangement, rectifies: rectifies, depth: depth)
            if let made {
                // Pooling finds its largest inputs again by its output, which may be rectified but not scaled.
                guard !(made is DropoutLayer && isPooled) else {
                    throw TrainingError(.invalidModel, "dropout does not go right behind max pooling: put it elsewhere")
                }
                isPooled = made is MaxPoolLayer || (isPooled && made.isInPlace)
                append(made, count: output.count)
            }
            shape = output
            index += rectifies ? 2 : 1
        }
        guard !links.isEmpty else { return nil }
        arrange(ends)
        return LayerChain(links: links, inputCount: input.count, memory: memory, depth: depth)
    }

    private mutating func take(_ count: Int) -> [ParameterSlot] {
        defer { slots = slots.dropFirst(count) }
        return Array(slots.prefix(count))
    }

    private mutating func layer(
        _ spec: LayerSpec, on input: InputShape, output: InputShape, arrangement: Arrangement, rectifies: Bool,
        depth: Int
    ) throws(TrainingError) -> (any Layer)? {
        switch spec {
        case .linear:
            let slots = take(2)
            return LinearLayer(
                inputs: input.count, outputs: output.count, weight: slots[0], bias: slots[1],
                maximumBatch: maximumBatch, team: memory.team)
        case .convolution(_, _, let kernel, let stride, let padding, let bias, _):
            let slots = take(bias ? 2 : 1)
            let window = fed_window(input, output, kernel: kernel, stride: stride, padding: padding)
            if WinogradLayer.supports(window) {
                return WinogradLayer(
                    window: window, outputs: output.channels, weight: slots[0], bias: bias ? slots[1] : nil,
                    memory: memory)
            }
            return ConvolutionLayer(
                window: window, outputs: output.channels, weight: slots[0], bias: bias ? slots[1] : nil,
                memory: memory)
        case .batchNorm(_, let branches):
            return batchNorm(branches, shape: input, arrangement: arrangement, rectifies: rectifies)
        case .relu: return ReLULayer(count: input.count, arrangement: arrangement)
        case .maxPool(let size, let stride):
            return MaxPoolLayer(
                window: fed_window(input, output, kernel: size, stride: stride, padding: 0), memory: memory)
        case .averagePool(let size, let stride):
            return AveragePoolLayer(window: fed_window(input, output, kernel: size, stride: stride, padding: 0))
        case .globalAveragePool:
            var window = fed_window(input, output, kernel: 1, stride: 1, padding: 0)
            window.kernel_height = input.height
            window.kernel_width = input.width
            return AveragePoolLayer(window: window)
        case .dropout(let share):
            guard share > 0 else { return nil }
            dropouts += 1
            return DropoutLayer(count: input.count, arrangement: arrangement, share: share, number: dropouts)
        case .subsample(let outputs, let stride):
            return SubsampleLayer(
                window: fed_window(input, output, kernel: 1, stride: stride, padding: 0), outputs: outputs)
        case .residual(let body, let shortcut):
            guard let main = try chain(body, input: input, ends: .blocks, depth: depth + 1) else {
                throw TrainingError(.invalidModel, "the body of a residual block needs a layer that computes")
            }
            let side = try chain(shortcut, input: input, ends: .blocks, depth: depth + 1)
            guard [main, side].allSatisfy({ $0.map { !$0.beginsInPlace && !$0.endsInPlace } ?? true }) else {
                throw TrainingError(
                    .invalidModel,
                    "a branch of a residual block neither begins nor ends with a layer that works in place")
            }
            return ResidualLayer(
                body: main, shortcut: side, input: input, output: output, memory: memory, depth: depth)
        case .ensemble(let bases):
            return try ensemble(bases, input: input, outputs: output.count, depth: depth)
        case .flatten: return nil
        }
    }

    private mutating func ensemble(
        _ bases: [[LayerSpec]], input: InputShape, outputs: Int, depth: Int
    ) throws(TrainingError) -> EnsembleLayer {
        var chains: [LayerChain] = []
        for base in bases {
            guard let chain = try chain(base, input: input, ends: .rows, depth: depth + 1) else {
                throw TrainingError(.invalidModel, "a base network needs a layer that computes")
            }
            guard !chain.beginsInPlace, !chain.endsInPlace else {
                throw TrainingError(
                    .invalidModel, "a base network neither begins nor ends with a layer that works in place")
            }
            chains.append(chain)
        }
        return EnsembleLayer(
            bases: chains, inputs: input.count, outputs: outputs, maximumBatch: maximumBatch, memory: memory,
            depth: depth)
    }

    private mutating func batchNorm(
        _ branches: NormalizationBranches, shape: InputShape, arrangement: Arrangement, rectifies: Bool
    ) -> BatchNormLayer {
        let slots = take(4)
        let clean = BatchNormLayer.Branch(scale: slots[0], shift: slots[1], mean: slots[2], variance: slots[3])
        let adversarial: BatchNormLayer.Branch?
        switch branches {
        case .one: adversarial = nil
        case .sharedAffine:
            let other = take(2)
            adversarial = .init(scale: slots[0], shift: slots[1], mean: other[0], variance: other[1])
        case .separateAffine:
            let other = take(4)
            adversarial = .init(scale: other[0], shift: other[1], mean: other[2], variance: other[3])
        }
        return BatchNormLayer(
            shape: shape, arrangement: arrangement, clean: clean, adversarial: adversarial, rectifies: rectifies)
    }
}

extension LayerSpec {
    fileprivate var isBatchNorm: Bool {
        if case .batchNorm = self { true } else { false }
    }

    /// How the layer's input must lie; nil where it does not matter.
    fileprivate func arrangement(on input: InputShape) -> Arrangement? {
        switch self {
        case .linear, .ensemble: .rows
        case .convolution, .maxPool, .averagePool, .globalAveragePool, .subsample, .residual: .blocks
        case .batchNorm: input.pixels == 1 ? nil : .blocks
        case .relu, .dropout, .flatten: nil
        }
    }
}

extension fed_window {
    /// A square window that slides over `input` to give `output`.
    init(_ input: InputShape, _ output: InputShape, kernel: Int, stride: Int, padding: Int) {
        self.init(
            channels: input.channels, height: input.height, width: input.width, kernel_height: kernel,
            kernel_width: kernel, stride: stride, padding: padding, output_height: output.height,
            output_width: output.width)
    }
}
