// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

/// Networks drawn at random, in which layers meet that no architecture puts together.
extension NetworkCase {
    static let chains: [NetworkCase] = (0..<48).map { chain(key: $0) }

    private static func chain(key: UInt64) -> NetworkCase {
        var draw = ChainDrawing(generator: SeededGenerator(key: key).stream("chain"))
        while true {
            let input = InputShape(
                channels: draw.pick([1, 2, 3, 8]), height: draw.pick([1, 5, 7, 8, 9]),
                width: draw.pick([1, 5, 6, 8, 11]))
            let batch = draw.pick([3, 10, 16, 17, 33])
            let layers = draw.layers(on: input)
            guard let cost = try? layers.multiplications(on: input), cost * batch <= 200_000 else { continue }
            let statistics = draw.pick([PassMode.Statistics.updating, .updating, .batch, .running])
            let mode = PassMode(
                statistics: statistics, branch: draw.pick([.clean, .adversarial]),
                dropoutKey: draw.pick([nil, 1, 99]))
            return NetworkCase(
                testDescription: "chain \(key)", input: input, layers: layers, batch: batch, mode: mode, key: key)
        }
    }
}

/// Draws layers that fit on each other.
private struct ChainDrawing {
    var generator: SeededGenerator
    private var names = 0

    init(generator: SeededGenerator) {
        self.generator = generator
    }

    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[generator.nextIndex(below: choices.count)] }

    private mutating func name() -> String {
        names += 1
        return "l\(names)"
    }

    /// A whole network: maps, then vectors, then three logits.
    mutating func layers(on input: InputShape) -> [LayerSpec] {
        var layers: [LayerSpec] = []
        var shape = input
        for _ in 0..<(2 + generator.nextIndex(below: 4)) {
            for layer in block(on: shape) {
                guard let next = try? layer.outputShape(of: shape) else { break }
                layers.append(layer)
                shape = next
            }
        }
        layers.append(pick([.flatten, .globalAveragePool]))
        if pick([true, false]) {
            layers += [.linear(name(), outputs: pick([5, 13, 16]))] + [norm(), .relu].prefix(pick([0, 1, 2]))
            if pick([true, false]) { layers.append(.dropout(0.25)) }
        }
        return layers + [.linear(name(), outputs: 3)]
    }

    private mutating func norm() -> LayerSpec {
        .batchNorm(name(), branches: pick([.one, .sharedAffine, .separateAffine]))
    }

    private mutating func convolution(_ outputs: Int, stride: Int = 1) -> LayerSpec {
        let kernel = pick([1, 3, 3, 5])
        return .convolution(
            name(), outputs: outputs, kernel: kernel, stride: stride, padding: kernel / 2, bias: pick([true, false]))
    }

    private mutating func block(on shape: InputShape) -> [LayerSpec] {
        let width = pick([2, 5, 8, 13])
        switch generator.nextIndex(below: 10) {
        case 0: return [convolution(width, stride: pick([1, 2]))]
        case 1: return [convolution(width), .relu]
        case 2: return [convolution(width), norm(), .relu]
        case 3: return [convolution(width), norm(), .relu, .maxPool(size: 2, stride: 2)]
        case 4: return [convolution(width), .maxPool(size: pick([2, 3]), stride: 2), .relu]
        case 5: return [.averagePool(size: 2, stride: pick([1, 2]))]
        case 6: return [norm(), .relu, .dropout(0.25)]
        case 7: return [convolution(width), .relu, norm()]
        case 8:
            let stride = pick([1, 2])
            let outputs = shape.channels + pick([0, 3])
            let body = [convolution(outputs, stride: stride), norm(), .relu, convolution(outputs)]
            return [.residual(body: body, shortcut: [.subsample(outputs: outputs, stride: stride)]), .relu]
        default:
            let body = [norm(), .relu, convolution(width), norm(), .relu, convolution(shape.channels)]
            return [.residual(body: body, shortcut: [])]
        }
    }
}
