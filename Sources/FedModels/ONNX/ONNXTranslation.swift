// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTraining

/// Turns layers into operators, one after the other, each taking its parameters from a flat vector in layout order.
struct ONNXTranslation {
    /// Features on their way: what they are called and what one example of them is.
    struct Features {
        var name: String
        var shape: InputShape
        /// Whether an example is a plain vector instead of [channel][row][column].
        var isVector: Bool
    }

    /// What came of it so far.
    private(set) var graph = ONNXGraph()

    private let parameters: ParameterVector
    /// λ in [0, 1], by which dual batch norms are mixed.
    private let robustness: Float
    /// The number of the next tensor.
    private var tensor = 0

    init(_ parameters: ParameterVector, robustness: Float) {
        self.parameters = parameters
        self.robustness = robustness
    }

    /// Applies a chain of layers.
    ///
    /// Throws `ModelError.unexportable` for layers that no architecture puts together, `TrainingError` for those that do not
    /// fit.
    mutating func apply(_ layers: [LayerSpec], to features: Features) throws -> Features {
        try layers.reduce(features) { features, layer in try apply(layer, to: features) }
    }

    private mutating func apply(_ layer: LayerSpec, to features: Features) throws -> Features {
        let output = try layer.outputShape(of: features.shape)
        func result(_ name: String, isVector: Bool = false) -> Features {
            Features(name: name, shape: output, isVector: isVector)
        }
        func requireMaps() throws(ModelError) {
            guard features.isVector else { return }
            throw ModelError(.unexportable, "a layer for images behind one for vectors cannot be written as ONNX")
        }
        switch layer {
        case .linear:
            let vector = flattened(features)
            let (weight, bias) = (take(), take())
            return result(
                graph.apply("Gemm", to: [vector.name, weight, bias], [("transB", .integer(1))]), isVector: true)
        case .convolution(_, _, let kernel, let stride, let padding, let bias, _):
            try requireMaps()
            let tensors = bias ? [take(), take()] : [take()]
            let window: [(String, ONNXGraph.Attribute)] = [
                ("kernel_shape", .integers([kernel, kernel])), ("strides", .integers([stride, stride])),
                ("pads", .integers([padding, padding, padding, padding])),
            ]
            return result(graph.apply("Conv", to: [features.name] + tensors, window))
        case .batchNorm(_, let branches):
            return result(normalize(features.name, branches), isVector: features.isVector)
        case .relu: return result(graph.apply("Relu", to: [features.name]), isVector: features.isVector)
        case .maxPool(let size, let stride):
            try requireMaps()
            return result(pool("MaxPool", features.name, size: size, stride: stride))
        case .averagePool(let size, let stride):
            try requireMaps()
            return result(pool("AveragePool", features.name, size: size, stride: stride))
        case .globalAveragePool:
            try requireMaps()
            return result(graph.apply("GlobalAveragePool", to: [features.name]))
        case .dropout: return features
        case .subsample(let outputs, let stride):
            try requireMaps()
            // The largest of one pixel is that pixel.
            let kept = pool("MaxPool", features.name, size: 1, stride: stride)
            let missing = outputs - features.shape.channels
            guard missing > 0 else { return result(kept) }
            let pads = graph.add("pads.\(kept)", [0, 0, 0, 0, 0, missing, 0, 0])
            return result(graph.apply("Pad", to: [kept, pads]))
        case .residual(let body, let shortcut):
            let main = try apply(body, to: features)
            let side = try apply(shortcut, to: features)
            return result(graph.apply("Add", to: [main.name, side.name]), isVector: main.isVector)
        case .flatten: return flattened(features)
        case .ensemble(let bases):
            var names: [String] = []
            for base in bases { names.append(flattened(try apply(base, to: features)).name) }
            return result(graph.apply("Mean", to: names), isVector: true)
        }
    }

    private mutating func flattened(_ features: Features) -> Features {
        guard !features.isVector else { return features }
        return Features(
            name: graph.apply("Flatten", to: [features.name], [("axis", .integer(1))]),
            shape: InputShape(channels: features.shape.count, height: 1, width: 1), isVector: true)
    }

    private mutating func pool(_ operation: String, _ input: String, size: Int, stride: Int) -> String {
        graph.apply(
            operation, to: [input],
            [("kernel_shape", .integers([size, size])), ("strides", .integers([stride, stride]))])
    }

    /// The next tensor of the model, as one of the graph.
    private mutating func take() -> String {
        let (spec, values) = next()
        return graph.add(spec.name, shape: spec.shape, values)
    }

    private mutating func next() -> (spec: ParameterSpec, values: ArraySlice<Float>) {
        defer { tensor += 1 }
        return (parameters.layout.parameters[tensor], parameters.values[parameters.layout.segments[tensor]])
    }

    /// A batch norm by running statistics, ε = 1e-5; two branches become the one linear map that is their mixture.
    private mutating func normalize(_ input: String, _ branches: NormalizationBranches) -> String {
        typealias Branch = (
            scale: ArraySlice<Float>, shift: ArraySlice<Float>, mean: ArraySlice<Float>, variance: ArraySlice<Float>
        )
        let (first, scale) = next()
        let clean: Branch = (scale, next().values, next().values, next().values)
        var other = clean
        switch branches {
        case .one: break
        case .sharedAffine: (other.mean, other.variance) = (next().values, next().values)
        case .separateAffine: other = (next().values, next().values, next().values, next().values)
        }
        let share = Double(robustness)
        let center = robustness == 1 ? other : clean
        var slope: [Float] = []
        var offset: [Float] = []
        for channel in 0..<scale.count {
            func map(_ branch: Branch) -> (multiplier: Double, mean: Double, shift: Double) {
                func value(_ tensor: ArraySlice<Float>) -> Double { Double(tensor[tensor.startIndex + channel]) }
                let deviation = (max(value(branch.variance), 0) + 1e-5).squareRoot()
                return (value(branch.scale) / deviation, value(branch.mean), value(branch.shift))
            }
            let (left, right, middle) = (map(clean), map(other), map(center))
            slope.append(Float((1 - share) * left.multiplier + share * right.multiplier))
            offset.append(
                Float(
                    (1 - share) * (left.shift + (middle.mean - left.mean) * left.multiplier)
                        + share * (right.shift + (middle.mean - right.mean) * right.multiplier)))
        }
        let name = first.name
        let tensors = [
            graph.add(name, shape: [slope.count], slope), graph.add("\(name).shift", shape: [slope.count], offset),
            graph.add("\(name).mean", shape: [slope.count], center.mean),
            graph.add("\(name).variance", shape: [slope.count], [Float](repeating: 1, count: slope.count)),
        ]
        return graph.apply("BatchNormalization", to: [input] + tensors, [("epsilon", .float(0))])
    }
}
