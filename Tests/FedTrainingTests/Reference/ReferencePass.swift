// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining

/// One forward pass of a `ReferenceNetwork`.
struct ReferencePass {
    /// The features as they are now: the images, at last the logits.
    private(set) var maps: ReferenceMaps
    /// The parameters, the running statistics moved by the pass if its mode says so.
    private(set) var values: [Double]

    private let specs: [LayerSpec]
    private let mode: PassMode
    private let dropout: [[Double]]
    /// Where the next layer's parameters begin.
    private var offset = 0
    private var dropouts = 0

    init(network: ReferenceNetwork, images: [Double], mode: PassMode) {
        maps = ReferenceMaps(shape: network.input, values: images)
        values = network.values
        specs = network.specs
        dropout = network.dropout
        self.mode = mode
    }

    /// Computes all layers; to be called once.
    mutating func run() { run(specs) }

    private mutating func run(_ specs: [LayerSpec]) {
        for spec in specs { run(spec) }
    }

    private mutating func run(_ spec: LayerSpec) {
        switch spec {
        case .linear(_, let outputs): linear(outputs: outputs)
        case .convolution(_, let outputs, let kernel, let stride, let padding, let bias, _):
            convolve(outputs: outputs, kernel: kernel, stride: stride, padding: padding, hasBias: bias)
        case .batchNorm(_, let branches): normalize(branches)
        case .relu: maps.values = maps.values.map { max($0, 0) }
        case .maxPool(let size, let stride):
            pool(height: size, width: size, stride: stride, from: -.infinity) { max($0, $1) }
        case .averagePool(let size, let stride): average(height: size, width: size, stride: stride)
        case .globalAveragePool: average(height: maps.shape.height, width: maps.shape.width, stride: 1)
        case .dropout(let share):
            guard share > 0, mode.dropoutKey != nil else { return }
            maps.values = zip(maps.values, dropout[dropouts]).map { $0 * $1 }
            dropouts += 1
        case .subsample(let outputs, let stride): subsample(outputs: outputs, stride: stride)
        case .residual(let body, let shortcut):
            let input = maps
            run(body)
            let sum = maps
            maps = input
            run(shortcut)
            maps = ReferenceMaps(shape: sum.shape, values: zip(sum.values, maps.values).map { $0 + $1 })
        case .ensemble(let bases):
            let input = maps
            var sum: [Double] = []
            for base in bases {
                maps = input
                run(base)
                sum = sum.isEmpty ? maps.values : zip(sum, maps.values).map { $0 + $1 }
            }
            maps = ReferenceMaps(
                shape: InputShape(channels: maps.shape.count, height: 1, width: 1),
                values: sum.map { $0 / Double(bases.count) })
        case .flatten: maps.shape = InputShape(channels: maps.shape.count, height: 1, width: 1)
        }
    }

    /// Takes the next `count` parameters and says where they begin.
    private mutating func take(_ count: Int) -> Int {
        defer { offset += count }
        return offset
    }

    private mutating func linear(outputs: Int) {
        let inputs = maps.shape.count
        let weight = take(outputs * inputs)
        let bias = take(outputs)
        var result: [Double] = []
        for example in 0..<maps.batch {
            for output in 0..<outputs {
                var sum = values[bias + output]
                for index in 0..<inputs {
                    sum += values[weight + output * inputs + index] * maps.values[example * inputs + index]
                }
                result.append(sum)
            }
        }
        maps = ReferenceMaps(shape: InputShape(channels: outputs, height: 1, width: 1), values: result)
    }

    private mutating func convolve(outputs: Int, kernel: Int, stride: Int, padding: Int, hasBias: Bool) {
        let shape = maps.shape
        let weight = take(outputs * shape.channels * kernel * kernel)
        let bias = hasBias ? take(outputs) : nil
        let height = (shape.height + 2 * padding - kernel) / stride + 1
        let width = (shape.width + 2 * padding - kernel) / stride + 1
        let image = maps
        let result = values.withUnsafeBufferPointer { values in
            image.values.withUnsafeBufferPointer { pixels in
                var result: [Double] = []
                result.reserveCapacity(image.batch * outputs * height * width)
                for example in 0..<image.batch {
                    for output in 0..<outputs {
                        for y in 0..<height {
                            // The part of the window that lies on the image.
                            let rows = (padding - y * stride..<shape.height + padding - y * stride)
                                .clamped(to: 0..<kernel)
                            for x in 0..<width {
                                let columns = (padding - x * stride..<shape.width + padding - x * stride)
                                    .clamped(to: 0..<kernel)
                                var sum = bias.map { values[$0 + output] } ?? 0
                                for channel in 0..<shape.channels {
                                    let filter = weight + (output * shape.channels + channel) * kernel * kernel
                                    let corner =
                                        image.plane(example, channel) + (y * stride - padding) * shape.width
                                        + x * stride - padding
                                    for row in rows {
                                        for column in columns {
                                            sum +=
                                                values[filter + row * kernel + column]
                                                * pixels[corner + row * shape.width + column]
                                        }
                                    }
                                }
                                result.append(sum)
                            }
                        }
                    }
                }
                return result
            }
        }
        maps = ReferenceMaps(shape: InputShape(channels: outputs, height: height, width: width), values: result)
    }

    /// Where a branch of a batch norm keeps its four tensors.
    private struct Branch {
        var scale: Int
        var shift: Int
        var mean: Int
        var variance: Int
    }

    private mutating func normalize(_ branches: NormalizationBranches) {
        let channels = maps.shape.channels
        let first = take(4 * channels)
        let clean = Branch(
            scale: first, shift: first + channels, mean: first + 2 * channels, variance: first + 3 * channels)
        var adversarial = clean
        switch branches {
        case .one: break
        case .sharedAffine:
            adversarial.mean = take(2 * channels)
            adversarial.variance = adversarial.mean + channels
        case .separateAffine:
            let start = take(4 * channels)
            adversarial = Branch(
                scale: start, shift: start + channels, mean: start + 2 * channels, variance: start + 3 * channels)
        }
        switch mode.branch {
        case .clean: maps = normalized(by: clean)
        case .adversarial: maps = normalized(by: adversarial)
        case .mixed(let share):
            let left = normalized(by: clean)
            let right = normalized(by: adversarial)
            maps.values = zip(left.values, right.values).map { (1 - Double(share)) * $0 + Double(share) * $1 }
        }
    }

    private mutating func normalized(by branch: Branch) -> ReferenceMaps {
        var result = maps
        let pixels = maps.shape.pixels
        let count = Double(maps.batch * pixels)
        for channel in 0..<maps.shape.channels {
            func sum(_ term: (Double) -> Double) -> Double {
                var sum = 0.0
                for example in 0..<maps.batch {
                    let start = maps.plane(example, channel)
                    for place in start..<(start + pixels) { sum += term(maps.values[place]) }
                }
                return sum
            }
            var mean = values[branch.mean + channel]
            var variance = max(values[branch.variance + channel], 0)
            if mode.statistics != .running {
                let (oldMean, oldVariance) = (mean, variance)
                let center = sum { $0 } / count
                mean = center
                variance = sum { ($0 - center) * ($0 - center) } / count
                if mode.statistics == .updating {
                    // The momentum 0.1 of single precision, so that only the rounding of sums is left to differ.
                    let momentum = Double(Float(0.1))
                    let unbiased = count > 1 ? variance * count / (count - 1) : variance
                    values[branch.mean + channel] = oldMean + momentum * (mean - oldMean)
                    values[branch.variance + channel] = oldVariance + momentum * (unbiased - oldVariance)
                }
            }
            let factor = values[branch.scale + channel] / (variance + 1e-5).squareRoot()
            for example in 0..<maps.batch {
                let start = maps.plane(example, channel)
                for place in start..<(start + pixels) {
                    result.values[place] = (maps.values[place] - mean) * factor + values[branch.shift + channel]
                }
            }
        }
        return result
    }

    private mutating func average(height: Int, width: Int, stride: Int) {
        pool(height: height, width: width, stride: stride, from: 0) { $0 + $1 }
        maps.values = maps.values.map { $0 / Double(height * width) }
    }

    private mutating func pool(
        height: Int, width: Int, stride: Int, from start: Double, _ combine: (Double, Double) -> Double
    ) {
        let shape = maps.shape
        let rows = (shape.height - height) / stride + 1
        let columns = (shape.width - width) / stride + 1
        var result: [Double] = []
        for plane in Swift.stride(from: 0, to: maps.values.count, by: shape.pixels) {
            for y in 0..<rows {
                for x in 0..<columns {
                    var value = start
                    for row in 0..<height {
                        for column in 0..<width {
                            let place = (y * stride + row) * shape.width + x * stride + column
                            value = combine(value, maps.values[plane + place])
                        }
                    }
                    result.append(value)
                }
            }
        }
        maps = ReferenceMaps(
            shape: InputShape(channels: shape.channels, height: rows, width: columns), values: result)
    }

    private mutating func subsample(outputs: Int, stride: Int) {
        let shape = maps.shape
        let new = InputShape(
            channels: outputs, height: (shape.height - 1) / stride + 1, width: (shape.width - 1) / stride + 1)
        var result: [Double] = []
        for example in 0..<maps.batch {
            for channel in 0..<outputs {
                for y in 0..<new.height {
                    for x in 0..<new.width {
                        let place = (y * shape.width + x) * stride
                        result.append(
                            channel < shape.channels ? maps.values[maps.plane(example, channel) + place] : 0)
                    }
                }
            }
        }
        maps = ReferenceMaps(shape: new, values: result)
    }
}
