// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

/// What a layer is on an input of a given shape: its output's shape, its tensors, its cost.
extension LayerSpec {
    /// A tensor and how its values begin.
    struct Tensor {
        /// How values begin.
        enum Initial {
            case constant(Float)
            /// Uniform in ±bound.
            case uniform(bound: Float)
            /// Normal with mean 0.
            case normal(deviation: Float)
        }

        var spec: ParameterSpec
        let initial: Initial
        /// The only branch that passes go through with the tensor; nil where all do.
        var branch: PassMode.Branch? = nil
    }

    /// The output's shape on an input; throws `TrainingError.invalidModel` where the layer does not fit.
    package func outputShape(of input: InputShape) throws(TrainingError) -> InputShape {
        switch self {
        case .linear(let name, let outputs):
            try require(outputs >= 1, "layer \(name) needs at least 1 output, not \(outputs)")
            return InputShape(channels: outputs, height: 1, width: 1)
        case .convolution(let name, let outputs, let kernel, let stride, let padding, _, _):
            try require(
                outputs >= 1 && kernel >= 1 && stride >= 1 && padding >= 0, "layer \(name) has a size below 1")
            return try slide(name, input, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
        case .maxPool(let size, let stride), .averagePool(let size, let stride):
            try require((1...16).contains(size) && stride >= 1, "a pooling window is 1 to 16 wide, not \(size)")
            return try slide("pooling", input, outputs: input.channels, kernel: size, stride: stride, padding: 0)
        case .globalAveragePool: return InputShape(channels: input.channels, height: 1, width: 1)
        case .subsample(let outputs, let stride):
            try require(outputs >= input.channels && stride >= 1, "a shortcut cannot drop channels")
            return try slide("shortcut", input, outputs: outputs, kernel: 1, stride: stride, padding: 0)
        case .residual(let body, let shortcut):
            let shape = try body.outputShape(of: input)
            let other = try shortcut.outputShape(of: input)
            try require(shape == other, "a residual sum adds \(shape) and \(other)")
            return shape
        case .dropout(let share):
            try require((0..<1).contains(share), "dropout removes a share in [0, 1), not \(share)")
            return input
        case .batchNorm, .relu: return input
        case .flatten: return input.flattened
        case .ensemble(let bases):
            var common: InputShape?
            for base in bases {
                let shape = try base.outputShape(of: input).flattened
                try require(common ?? shape == shape, "base networks that give \(shape) and others have no mean")
                common = shape
            }
            guard let common else { throw TrainingError(.invalidModel, "an ensemble needs at least one network") }
            return common
        }
    }

    /// The layer's tensors, in layout order.
    package func parameters(on input: InputShape) -> [ParameterSpec] { tensors(on: input).map(\.spec) }

    /// The layer's tensors with their initial values, in layout order, on an input that it fits.
    func tensors(on input: InputShape) -> [Tensor] {
        switch self {
        case .linear(let name, let outputs):
            return Self.affine(
                name, shape: [outputs, input.count], fanIn: input.count, bias: true, initial: .uniform)
        case .convolution(let name, let outputs, let kernel, _, _, let bias, let initial):
            return Self.affine(
                name, shape: [outputs, input.channels, kernel, kernel], fanIn: input.channels * kernel * kernel,
                bias: bias, initial: initial)
        case .batchNorm(let name, let branches):
            let count = input.channels
            let own: PassMode.Branch? = branches == .separateAffine ? .clean : nil
            let clean = Self.scaleAndShift(name, count, own) + Self.statistics(name, count, .cleanStatistics)
            let other = Self.statistics("\(name).adversarial", count, .adversarialStatistics)
            return switch branches {
            case .one: clean
            case .sharedAffine: clean + other
            case .separateAffine: clean + Self.scaleAndShift("\(name).adversarial", count, .adversarial) + other
            }
        case .residual(let body, let shortcut): return body.tensors(on: input) + shortcut.tensors(on: input)
        case .ensemble(let bases):
            return bases.enumerated().flatMap { number, base in
                base.tensors(on: input).map { tensor in
                    var tensor = tensor
                    tensor.spec.name = "base.\(number)/\(tensor.spec.name)"
                    return tensor
                }
            }
        case .relu, .maxPool, .averagePool, .globalAveragePool, .dropout, .subsample, .flatten: return []
        }
    }

    private static func affine(
        _ name: String, shape: [Int], fanIn: Int, bias: Bool, initial: WeightInitialization
    ) -> [Tensor] {
        let bound = 1 / Float(fanIn).squareRoot()
        let weight: Tensor.Initial =
            switch initial {
            case .uniform: .uniform(bound: bound)
            case .heNormal: .normal(deviation: (2 / Float(fanIn)).squareRoot())
            }
        let tensors = [
            Tensor(spec: ParameterSpec(name: "\(name).weight", shape: shape, role: .weight), initial: weight),
            Tensor(
                spec: ParameterSpec(name: "\(name).bias", shape: [shape[0]], role: .bias),
                initial: .uniform(bound: bound)),
        ]
        return Array(tensors.prefix(bias ? 2 : 1))
    }

    private static func scaleAndShift(_ name: String, _ count: Int, _ branch: PassMode.Branch?) -> [Tensor] {
        [
            Tensor(
                spec: ParameterSpec(name: "\(name).weight", shape: [count], role: .normScale), initial: .constant(1),
                branch: branch),
            Tensor(
                spec: ParameterSpec(name: "\(name).bias", shape: [count], role: .normShift), initial: .constant(0),
                branch: branch),
        ]
    }

    private static func statistics(_ name: String, _ count: Int, _ role: ParameterRole) -> [Tensor] {
        [
            Tensor(
                spec: ParameterSpec(name: "\(name).running_mean", shape: [count], role: role), initial: .constant(0)),
            Tensor(spec: ParameterSpec(name: "\(name).running_var", shape: [count], role: role), initial: .constant(1)),
        ]
    }

    /// Multiplications of one example's forward pass in linear and convolution layers, on an input that it fits.
    func multiplications(on input: InputShape) throws(TrainingError) -> Int {
        switch self {
        case .linear(_, let outputs): return outputs * input.count
        case .convolution(_, let outputs, let kernel, _, _, _, _):
            return outputs * input.channels * kernel * kernel * (try outputShape(of: input)).pixels
        case .residual(let body, let shortcut):
            return try body.multiplications(on: input) + shortcut.multiplications(on: input)
        case .ensemble(let bases):
            var count = 0
            for base in bases { count += try base.multiplications(on: input) }
            return count
        default: return 0
        }
    }

    /// Values that the layer and those inside it keep of one example, on an input that it fits.
    func activations(on input: InputShape) throws(TrainingError) -> Int {
        let inside: [[LayerSpec]]
        switch self {
        case .residual(let body, let shortcut): inside = [body, shortcut]
        case .ensemble(let bases): inside = bases
        default: inside = []
        }
        var count = try outputShape(of: input).count
        for chain in inside { count += try chain.activations(on: input) }
        return count
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

extension [LayerSpec] {
    /// The output's shape of a chain.
    func outputShape(of input: InputShape) throws(TrainingError) -> InputShape {
        var shape = input
        for spec in self { shape = try spec.outputShape(of: shape) }
        return shape
    }

    /// The tensors of a chain that fits.
    func tensors(on input: InputShape) -> [LayerSpec.Tensor] {
        var shape = input
        var tensors: [LayerSpec.Tensor] = []
        for spec in self {
            tensors += spec.tensors(on: shape)
            shape = (try? spec.outputShape(of: shape)) ?? shape
        }
        return tensors
    }

    /// The multiplications of a chain.
    package func multiplications(on input: InputShape) throws(TrainingError) -> Int {
        try sum(on: input) { spec, shape throws(TrainingError) in try spec.multiplications(on: shape) }
    }

    /// The activations of a chain.
    func activations(on input: InputShape) throws(TrainingError) -> Int {
        try sum(on: input) { spec, shape throws(TrainingError) in try spec.activations(on: shape) }
    }

    /// What the layers of a chain cost together, each on the shape that reaches it.
    private func sum(
        on input: InputShape, of cost: (LayerSpec, InputShape) throws(TrainingError) -> Int
    ) throws(TrainingError) -> Int {
        var shape = input
        var sum = 0
        for spec in self {
            sum += try cost(spec, shape)
            shape = try spec.outputShape(of: shape)
        }
        return sum
    }
}
