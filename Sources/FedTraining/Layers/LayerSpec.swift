// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
package import FedCore

/// A layer as data: what it is called and does, before memory is given to it.
package enum LayerSpec: Hashable, Sendable {
    /// y = x Wᵀ + b with W of shape [outputs, inputs]; its input is taken as one vector.
    case linear(String, outputs: Int)
    /// A convolution with W of shape [outputs, channels, kernel, kernel].
    case convolution(String, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true)
    /// Batch normalisation over images (and pixels), with ε = 1e-5 and running statistics that move by 0.1 a step.
    case batchNorm(String)
    /// max(x, 0).
    case relu
    /// The largest value under a square window.
    case maxPool(size: Int, stride: Int)
    /// The same values as one vector.
    case flatten

    /// The output's shape on an input; throws `TrainingError.invalidModel` where the layer does not fit.
    package func outputShape(of input: InputShape) throws(TrainingError) -> InputShape {
        switch self {
        case .linear(let name, let outputs):
            try require(outputs >= 1, "layer \(name) needs at least 1 output, not \(outputs)")
            return InputShape(channels: outputs, height: 1, width: 1)
        case .convolution(let name, let outputs, let kernel, let stride, let padding, _):
            try require(
                outputs >= 1 && kernel >= 1 && stride >= 1 && padding >= 0, "layer \(name) has a size below 1")
            return try slide(name, input, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
        case .maxPool(let size, let stride):
            try require((1...16).contains(size) && stride >= 1, "a pooling window is 1 to 16 wide, not \(size)")
            return try slide("pooling", input, outputs: input.channels, kernel: size, stride: stride, padding: 0)
        case .batchNorm, .relu: return input
        case .flatten: return input.flattened
        }
    }

    /// The layer's tensors, in layout order.
    package func parameters(on input: InputShape) -> [ParameterSpec] {
        switch self {
        case .linear(let name, let outputs):
            return [
                ParameterSpec(name: "\(name).weight", shape: [outputs, input.count], role: .weight),
                ParameterSpec(name: "\(name).bias", shape: [outputs], role: .bias),
            ]
        case .convolution(let name, let outputs, let kernel, _, _, let bias):
            let shape = [outputs, input.channels, kernel, kernel]
            let weight = ParameterSpec(name: "\(name).weight", shape: shape, role: .weight)
            return bias ? [weight, ParameterSpec(name: "\(name).bias", shape: [outputs], role: .bias)] : [weight]
        case .batchNorm(let name):
            let tensors: [(String, ParameterRole)] = [
                ("weight", .normScale), ("bias", .normShift), ("running_mean", .cleanStatistics),
                ("running_var", .cleanStatistics),
            ]
            return tensors.map { ParameterSpec(name: "\(name).\($0.0)", shape: [input.channels], role: $0.1) }
        case .relu, .maxPool, .flatten: return []
        }
    }

    /// How many inputs an output sums over, for the scale of initial values; nil for layers without weights.
    func fanIn(on input: InputShape) -> Int? {
        switch self {
        case .linear: input.count
        case .convolution(_, _, let kernel, _, _, _): input.channels * kernel * kernel
        case .batchNorm, .relu, .maxPool, .flatten: nil
        }
    }

    /// The layer itself, on `slots` in the order of `parameters(on:)`; nil for one that does nothing.
    func makeLayer(on input: InputShape, output: InputShape, slots: [ParameterSlot], maximumBatch: Int) -> (any Layer)?
    {
        switch self {
        case .linear:
            LinearLayer(
                inputs: input.count, outputs: output.count, weight: slots[0], bias: slots[1],
                maximumBatch: maximumBatch)
        case .convolution(_, _, let kernel, let stride, let padding, let bias):
            ConvolutionLayer(
                window: fed_window(input, output, kernel: kernel, stride: stride, padding: padding),
                outputs: output.channels, weight: slots[0], bias: bias ? slots[1] : nil)
        case .batchNorm:
            BatchNormLayer(shape: input, scale: slots[0], shift: slots[1], mean: slots[2], variance: slots[3])
        case .relu: ReLULayer(count: input.count)
        case .maxPool(let size, let stride):
            MaxPoolLayer(
                window: fed_window(input, output, kernel: size, stride: stride, padding: 0),
                maximumPlanes: maximumBatch * input.channels)
        case .flatten: nil
        }
    }

    private func slide(
        _ name: String, _ input: InputShape, outputs: Int, kernel: Int, stride: Int, padding: Int
    ) throws(TrainingError) -> InputShape {
        let height = input.height + 2 * padding - kernel
        let width = input.width + 2 * padding - kernel
        try require(
            height >= 0 && width >= 0,
            "layer \(name) slides a \(kernel)x\(kernel) window over only \(input.height)x\(input.width) pixels: "
                + "train another architecture, such as mlp, on such small images")
        return InputShape(channels: outputs, height: height / stride + 1, width: width / stride + 1)
    }

    private func require(_ condition: Bool, _ message: String) throws(TrainingError) {
        guard condition else { throw TrainingError(.invalidModel, message) }
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
