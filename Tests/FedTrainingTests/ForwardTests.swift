// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// What layers compute, against the definitions written out in double precision.
@Suite struct ForwardTests {
    private static func randomValues(_ count: Int, key: UInt64) -> [Float] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { _ in 2 * generator.nextUnitFloat() - 1 }
    }

    private static func isClose(_ left: [Float], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs(Double($0) - $1) <= 1e-5 * max(1, abs($1)) }
    }

    struct Window: Sendable {
        var input: InputShape
        var kernel: Int
        var stride: Int
        var padding: Int
    }

    static let windows = [
        Window(input: InputShape(channels: 3, height: 6, width: 5), kernel: 3, stride: 1, padding: 0),
        Window(input: InputShape(channels: 3, height: 6, width: 5), kernel: 3, stride: 2, padding: 1),
        Window(input: InputShape(channels: 2, height: 7, width: 16), kernel: 5, stride: 1, padding: 2),
        Window(input: InputShape(channels: 2, height: 5, width: 33), kernel: 2, stride: 1, padding: 0),
        Window(input: InputShape(channels: 1, height: 4, width: 4), kernel: 4, stride: 3, padding: 3),
        Window(input: InputShape(channels: 4, height: 1, width: 1), kernel: 1, stride: 1, padding: 0),
    ]

    @Test(arguments: windows, [true, false])
    func convolutionIsItsDefinition(_ window: Window, _ bias: Bool) throws {
        let input = window.input
        let layer = LayerSpec.convolution(
            "c", outputs: 3, kernel: window.kernel, stride: window.stride, padding: window.padding, bias: bias)
        let output = try layer.outputShape(of: input)
        let network = try Network([layer], input: input, maximumBatch: 2)
        let values = Self.randomValues(network.layout.count, key: 1)
        try network.loadParameters(values)
        let images = Self.randomValues(2 * input.count, key: 2)
        var expected: [Double] = []
        for image in 0..<2 {
            for o in 0..<3 {
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        var sum = bias ? Double(values[network.layout.segments[1].lowerBound + o]) : 0
                        for c in 0..<input.channels {
                            for ky in 0..<window.kernel {
                                for kx in 0..<window.kernel {
                                    let row = y * window.stride + ky - window.padding
                                    let column = x * window.stride + kx - window.padding
                                    guard (0..<input.height).contains(row), (0..<input.width).contains(column) else {
                                        continue
                                    }
                                    let pixel = ((image * input.channels + c) * input.height + row) * input.width
                                    let weight = ((o * input.channels + c) * window.kernel + ky) * window.kernel + kx
                                    sum += Double(images[pixel + column]) * Double(values[weight])
                                }
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        #expect(Self.isClose(network.logits(images: images), expected))
    }

    @Test(arguments: [
        (6, 2, 2), (15, 2, 2), (16, 2, 2), (17, 2, 2), (22, 2, 2), (28, 2, 2), (40, 2, 2), (2, 2, 2), (9, 3, 2),
        (9, 3, 3), (20, 2, 1), (5, 1, 1), (21, 4, 4),
    ])
    func poolingIsItsDefinition(_ width: Int, _ size: Int, _ stride: Int) throws {
        let input = InputShape(channels: 3, height: 5, width: width)
        let layer = LayerSpec.maxPool(size: size, stride: stride)
        let output = try layer.outputShape(of: input)
        let network = try Network([layer], input: input, maximumBatch: 2)
        let images = Self.randomValues(2 * input.count, key: 3)
        var expected: [Double] = []
        for plane in 0..<6 {
            for y in 0..<output.height {
                for x in 0..<output.width {
                    let places = (0..<(size * size)).map { place in
                        (plane * 5 + y * stride + place / size) * width + x * stride + place % size
                    }
                    expected.append(places.map { Double(images[$0]) }.max() ?? 0)
                }
            }
        }
        #expect(Self.isClose(network.logits(images: images), expected))
    }

    @Test func poolingKeepsBrokenValues() throws {
        for width in [4, 16] {
            let shape = InputShape(channels: 1, height: 2, width: width)
            let network = try Network([.maxPool(size: 2, stride: 2)], input: shape, maximumBatch: 1)
            for position in 0..<(2 * width) {
                var image = [Float](repeating: 1, count: 2 * width)
                image[position] = .nan
                let broken = network.logits(images: image).map(\.isNaN)
                #expect(broken.indices.filter { broken[$0] } == [position % width / 2])
            }
        }
    }

    @Test func rectifierKeepsPositivesAndBrokenValues() throws {
        let shape = InputShape(channels: 1, height: 1, width: 5)
        let network = try Network([.relu], input: shape, maximumBatch: 1)
        let result = network.logits(images: [-1, 0, 2.5, .nan, -.infinity])
        #expect(Array(result.prefix(3)) == [0, 0, 2.5])
        #expect(result[3].isNaN && result[4] == 0)
    }

    @Test(arguments: [1, 3, 4, 7])
    func linearIsItsDefinition(_ batch: Int) throws {
        let shape = InputShape(channels: 2, height: 3, width: 3)
        let network = try Network([.linear("a", outputs: 4)], input: shape, maximumBatch: 7)
        let values = Self.randomValues(network.layout.count, key: 4)
        try network.loadParameters(values)
        let images = Self.randomValues(batch * 18, key: 5)
        var expected: [Double] = []
        for example in 0..<batch {
            for output in 0..<4 {
                var sum = Double(values[72 + output])
                for index in 0..<18 {
                    sum += Double(images[example * 18 + index]) * Double(values[output * 18 + index])
                }
                expected.append(sum)
            }
        }
        #expect(Self.isClose(network.logits(images: images), expected))
    }

    @Test func normalisationIsItsDefinition() throws {
        let shape = InputShape(channels: 2, height: 1, width: 3)
        let network = try Network([.batchNorm("bn")], input: shape, maximumBatch: 1)
        // Scale, shift, running mean, running variance; one below 0 counts as 0.
        try network.loadParameters([2, 3, 0.5, -0.5, 1, 2, 4, -1])
        let first = [0.0, 1, 2].map { (value: Double) -> Double in 2 * (value - 1) / (4 + 1e-5).squareRoot() + 0.5 }
        let second = [3.0, 4, 5].map { (value: Double) -> Double in 3 * (value - 2) / (1e-5).squareRoot() - 0.5 }
        let expected = first + second
        #expect(Self.isClose(network.logits(images: [0, 1, 2, 3, 4, 5]), expected))
    }
}
