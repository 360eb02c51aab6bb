// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
public import FedCore

/// A feed-forward classifier: a chain of layers over one flat parameter buffer and one flat gradient buffer.
///
/// Both buffers are in the order of `layout`. All memory, activations included, is allocated once for the largest batch;
/// a pass allocates nothing. A network belongs to one thread at a time (it is not `Sendable`). Made by
/// `ModelZoo.makeNetwork`.
public final class Network {
    /// Order, shapes and roles of the parameters.
    public let layout: ModelLayout
    /// The shape of one example.
    public let input: InputShape
    /// The number of classes, which is the number of logits.
    public let classes: Int
    /// No batch may be larger.
    public let maximumBatch: Int

    /// The parameters, in layout order.
    let values: FloatBuffer
    /// The gradient of the last backward pass, in layout order; 0 for statistics.
    let gradientValues: FloatBuffer
    /// The examples of the current batch, written by the caller of a pass.
    let inputValues: FloatBuffer
    /// The labels of the current batch, written by the caller of a pass.
    let labels: UnsafeMutableBufferPointer<Int32>

    private let specs: [LayerSpec]
    private let shapes: [InputShape]
    private let layers: [any Layer]
    /// `activations[i]` is the input of layer i, the last one the logits; layers in place share a buffer.
    private let activations: [FloatBuffer]
    /// Gradients of activations, used in turn.
    private let gradientA: FloatBuffer
    private let gradientB: FloatBuffer

    /// Builds the chain; throws `TrainingError.invalidModel` where a layer does not fit on what comes before it.
    package init(_ specs: [LayerSpec], input: InputShape, maximumBatch: Int) throws(TrainingError) {
        precondition(maximumBatch >= 1, "a batch has at least one example")
        _ = MatrixProduct.useOneThread
        let (layout, shapes) = try Self.plan(specs, input: input)
        self.layout = layout
        self.input = input
        self.maximumBatch = maximumBatch
        self.specs = specs
        self.shapes = shapes
        classes = shapes[specs.count].count
        values = FloatBuffer(count: layout.count)
        gradientValues = FloatBuffer(count: layout.count)
        inputValues = FloatBuffer(count: maximumBatch * input.count)
        labels = .allocate(capacity: maximumBatch)
        labels.initialize(repeating: 0)

        var layers: [any Layer] = []
        var activations = [inputValues]
        var tensor = 0
        var largest = input.count
        for (index, spec) in specs.enumerated() {
            let slots = spec.parameters(on: shapes[index]).indices.map {
                [layout, values, gradientValues, tensor] offset in
                let start = layout.segments[tensor + offset].lowerBound
                return ParameterSlot(values: values.start + start, gradient: gradientValues.start + start)
            }
            tensor += slots.count
            let made = spec.makeLayer(
                on: shapes[index], output: shapes[index + 1], slots: slots, maximumBatch: maximumBatch)
            guard let layer = made else { continue }
            layers.append(layer)
            let count = shapes[index + 1].count
            largest = max(largest, count)
            activations.append(
                layer.isInPlace ? activations[activations.count - 1] : FloatBuffer(count: maximumBatch * count))
        }
        self.layers = layers
        self.activations = activations
        gradientA = FloatBuffer(count: maximumBatch * largest)
        gradientB = FloatBuffer(count: maximumBatch * largest)
    }

    deinit {
        labels.deallocate()
    }

    /// The layout of a chain and the shapes before, between and behind its layers.
    package static func plan(
        _ specs: [LayerSpec], input: InputShape
    ) throws(TrainingError) -> (layout: ModelLayout, shapes: [InputShape]) {
        guard input.channels >= 1, input.height >= 1, input.width >= 1 else {
            throw TrainingError(.invalidModel, "images of \(input) have no pixels")
        }
        var shapes = [input]
        var parameters: [ParameterSpec] = []
        for spec in specs {
            let shape = shapes[shapes.count - 1]
            shapes.append(try spec.outputShape(of: shape))
            parameters += spec.parameters(on: shape)
        }
        do {
            return (try ModelLayout(parameters), shapes)
        } catch {
            throw TrainingError(.invalidModel, error.message)
        }
    }

    /// All parameters, in layout order.
    public func parameters() -> [Float] { values.values }

    /// Overwrites all parameters; throws `TrainingError.shapeMismatch` unless there are as many as the layout counts.
    public func loadParameters(_ values: [Float]) throws(TrainingError) {
        guard values.count == layout.count else {
            throw TrainingError(
                .shapeMismatch, "the network has \(layout.count) parameters, but \(values.count) were given")
        }
        self.values.copy(from: values)
    }

    /// Draws initial values: weights and biases of linear and convolution layers uniform in ±1/√(inputs an output sums
    /// over), each tensor from its own stream; scale and variance 1, shift and mean 0.
    ///
    /// That is PyTorch's default (He et al., ICCV 2015, with a = √5). The same generator gives the same bits.
    public func initialize(using generator: SeededGenerator) {
        var tensor = 0
        for (index, spec) in specs.enumerated() {
            let bound = 1 / Float(spec.fanIn(on: shapes[index]) ?? 1).squareRoot()
            for parameter in spec.parameters(on: shapes[index]) {
                let segment = layout.segments[tensor]
                var stream = generator.stream("initialize", UInt64(tensor))
                for offset in segment {
                    values.start[offset] =
                        switch parameter.role {
                        case .weight, .bias: (2 * stream.nextUnitFloat() - 1) * bound
                        case .normScale: 1
                        case .normShift: 0
                        case .cleanStatistics, .adversarialStatistics: parameter.name.hasSuffix("_var") ? 1 : 0
                        }
                }
                tensor += 1
            }
        }
    }

    /// Computes the logits of the first `batch` examples of `inputValues`; valid until the next pass.
    @discardableResult
    func forward(batch: Int, mode: PassMode) -> UnsafeMutablePointer<Float> {
        precondition((1...maximumBatch).contains(batch), "a batch has 1 to \(maximumBatch) examples")
        for (index, layer) in layers.enumerated() {
            layer.forward(activations[index].start, activations[index + 1].start, batch: batch, mode: mode)
        }
        return activations[layers.count].start
    }

    /// Softmax cross-entropy of the last forward pass: the sum of the losses and how many examples were right.
    ///
    /// Leaves the gradient of the *mean* loss for `backward`.
    func crossEntropy(batch: Int) -> (loss: Double, correct: Int) {
        var correct = 0
        let loss = fed_softmax_cross_entropy(
            gradientA.start, &correct, activations[layers.count].start, labels.baseAddress, batch, classes,
            1 / Float(batch))
        return (loss, correct)
    }

    /// Computes the gradients of all parameters from that of the logits, which `crossEntropy` left.
    func backward(batch: Int) {
        var gradient = gradientA
        var other = gradientB
        for index in layers.indices.reversed() {
            let layer = layers[index]
            layer.backward(
                input: activations[index].start, output: activations[index + 1].start,
                outputGradient: gradient.start, inputGradient: index == 0 ? nil : other.start, batch: batch)
            if !layer.isInPlace { swap(&gradient, &other) }
        }
    }

    /// Forward, loss and backward on the batch in `inputValues` and `labels`.
    func trainingPass(batch: Int) -> (loss: Double, correct: Int) {
        forward(batch: batch, mode: .training)
        let result = crossEntropy(batch: batch)
        backward(batch: batch)
        return result
    }
}
