// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// A feed-forward classifier: layers over one flat parameter buffer and one flat gradient buffer.
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
    /// What batch normalisation normalises by when the network is used: running statistics, or its batch.
    package let usedStatistics: PassMode.Statistics

    /// The parameters, in layout order.
    let values: FloatBuffer
    /// The gradient of the last backward pass, in layout order; 0 for statistics.
    let gradientValues: FloatBuffer
    /// The examples of the current batch, written by the caller of a pass.
    let inputValues: FloatBuffer
    /// The labels of the current batch, written by the caller of a pass.
    let labels: UnsafeMutableBufferPointer<Int32>
    /// The gradient of the examples, where the last backward pass was asked for it.
    private(set) lazy var inputGradient = FloatBuffer(count: maximumBatch * input.count)

    private let tensors: [LayerSpec.Tensor]
    private let chain: LayerChain
    private let logitGradient: FloatBuffer
    private var logits: UnsafeMutablePointer<Float>

    /// Builds the network; throws `TrainingError.invalidModel` where a layer does not fit on what comes before it.
    package init(
        _ specs: [LayerSpec], input: InputShape, maximumBatch: Int, usedStatistics: PassMode.Statistics = .running,
        threads: Int = 1
    ) throws(TrainingError) {
        precondition(maximumBatch >= 1 && threads >= 1, "a batch has at least one example, and one thread")
        try MatrixProduct.requireLibrary()
        let (layout, output) = try Self.plan(specs, input: input)
        self.layout = layout
        self.input = input
        self.maximumBatch = maximumBatch
        self.usedStatistics = usedStatistics
        classes = output.count
        tensors = specs.tensors(on: input)
        values = FloatBuffer(count: layout.count)
        gradientValues = FloatBuffer(count: layout.count)
        inputValues = FloatBuffer(count: maximumBatch * input.count)
        labels = .allocate(capacity: maximumBatch)
        labels.initialize(repeating: 0)
        logitGradient = FloatBuffer(count: maximumBatch * classes)

        let memory = WorkingMemory(maximumBatch: maximumBatch, threads: threads)
        let slots = layout.segments.map { [values, gradientValues] segment in
            ParameterSlot(
                values: values.start + segment.lowerBound, gradient: gradientValues.start + segment.lowerBound)
        }
        var builder = LayerBuilder(slots: slots, maximumBatch: maximumBatch, memory: memory)
        guard let chain = try builder.chain(specs, input: input, ends: .rows, depth: 0) else {
            labels.deallocate()
            throw TrainingError(.invalidModel, "a network needs at least one layer that computes")
        }
        self.chain = chain
        memory.allocate()
        logits = logitGradient.start
    }

    deinit {
        labels.deallocate()
    }

    /// The layout of a chain and the shape of what comes out.
    package static func plan(
        _ specs: [LayerSpec], input: InputShape
    ) throws(TrainingError) -> (layout: ModelLayout, output: InputShape) {
        guard input.channels >= 1, input.height >= 1, input.width >= 1 else {
            throw TrainingError(.invalidModel, "images of \(input) have no pixels")
        }
        let output = try specs.outputShape(of: input)
        do {
            return (try ModelLayout(specs.tensors(on: input).map(\.spec)), output)
        } catch {
            throw TrainingError(.invalidModel, error.message)
        }
    }

    /// Where the parameters lie that gradients of passes through `branches` train, neighbours as one range.
    func trainedRanges(by branches: Set<PassMode.Branch>) -> [Range<Int>] {
        layout.ranges { role, index in
            !role.isStatistics && (tensors[index].branch.map { branches.contains($0) } ?? true)
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

    /// Draws initial values as the layers say, each tensor from its own stream; scale and variance of normalisation are 1,
    /// shift and mean 0.
    ///
    /// The same generator gives the same bits; base network k begins alike however many there are.
    public func initialize(using generator: SeededGenerator) {
        for (index, tensor) in tensors.enumerated() {
            var stream = generator.stream("initialize", UInt64(index))
            for offset in layout.segments[index] {
                values.start[offset] =
                    switch tensor.initial {
                    case .constant(let value): value
                    case .uniform(let bound): (2 * stream.nextUnitFloat() - 1) * bound
                    case .normal(let deviation): Float(NormalDistribution.sample(using: &stream)) * deviation
                    }
            }
        }
    }

    /// Computes the logits of the first `batch` examples of `inputValues`; valid until the next pass.
    @discardableResult
    func forward(batch: Int, mode: PassMode) -> UnsafeMutablePointer<Float> {
        precondition((1...maximumBatch).contains(batch), "a batch has 1 to \(maximumBatch) examples")
        logits = chain.forward(inputValues.start, batch: batch, mode: mode)
        return logits
    }

    /// Calls `body` for each batch norm, always in the same order, with what it had as input in the last forward pass.
    func forEachNormalization(_ body: (BatchNormLayer, UnsafeMutablePointer<Float>) -> Void) {
        chain.forEachNormalization(input: inputValues.start, body)
    }

    /// Softmax cross-entropy of the last forward pass: the sum of the losses and how many examples were right.
    ///
    /// Leaves the gradient of `weight` times the *mean* loss for `backward`.
    func crossEntropy(
        batch: Int, weight: Float = 1, loss: CrossEntropy = CrossEntropy()
    ) -> (loss: Double, correct: Int) {
        loss.evaluate(
            gradient: logitGradient.start, logits: logits,
            labels: UnsafeBufferPointer(rebasing: labels[..<batch]), classes: classes, scale: weight / Float(batch))
    }

    /// Computes gradients from that of the logits, which `crossEntropy` left: of all parameters, of the examples, or both.
    func backward(batch: Int, parameters: Bool = true, input: Bool = false) {
        chain.backward(
            input: inputValues.start, outputGradient: logitGradient.start,
            inputGradient: input ? inputGradient.start : nil, batch: batch, parameters: parameters)
    }

    /// Forward, loss and backward on the batch in `inputValues` and `labels`.
    func trainingPass(
        batch: Int, mode: PassMode = .training, loss: CrossEntropy = CrossEntropy()
    ) -> (loss: Double, correct: Int) {
        forward(batch: batch, mode: mode)
        let result = crossEntropy(batch: batch, loss: loss)
        backward(batch: batch)
        return result
    }
}
