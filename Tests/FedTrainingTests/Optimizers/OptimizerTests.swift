// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Steps of the optimisers against bits computed elsewhere, and what the rules have to do with one another.
@Suite struct OptimizerTests {
    private struct Steps: Decodable {
        struct Case: Decodable {
            var rule: OptimizerSpec
            var mu: Float
            var steps: [[UInt32]]
        }

        var theta: [UInt32]
        var gradients: [[UInt32]]
        var cases: [Case]
    }

    /// As many parameters as `count`, which must be even.
    private static func network(_ count: Int, _ values: [Float]) throws -> Network {
        let shape = InputShape(channels: 1, height: 1, width: 1)
        let network = try Network([.linear("fc", outputs: count / 2)], input: shape, maximumBatch: 1)
        try network.loadParameters(values)
        return network
    }

    private static func random(_ count: Int, key: UInt64, scale: Float = 2) -> [Float] {
        var generator = SeededGenerator(key: key)
        return (0..<count).map { _ in scale * (generator.nextUnitFloat() - 0.5) }
    }

    private static func bits(_ values: [[Float]]) -> [[UInt32]] { values.map { $0.map(\.bitPattern) } }

    /// `make-optimizer-steps.py` computes them operation by operation; repeated, so that every lane of a vector and the
    /// rest behind the last vector are seen.
    @Test func stepsHaveTheBitsOfSingleSteps() throws {
        let golden = try GoldenFile.read(Steps.self, "optimizer-steps.json")
        let rules = Set(golden.cases.map(\.rule.name))
        #expect(rules == Set(OptimizerSpec.Name.allCases))
        func repeated(_ bits: [UInt32]) -> [Float] { (0..<190).map { Float(bitPattern: bits[$0 % bits.count]) } }
        for example in golden.cases {
            try example.rule.validate()
            let network = try Self.network(190, repeated(golden.theta))
            let steps = network.parameters(after: golden.gradients.map(repeated), rule: example.rule, mu: example.mu)
            #expect(Self.bits(steps) == Self.bits(example.steps.map(repeated)), "\(example.rule), mu \(example.mu)")
        }
    }

    private static let rules: [OptimizerSpec] = [
        OptimizerSpec(learningRate: 0.1, weightDecay: 0.5),
        OptimizerSpec(learningRate: 0.1, momentum: 0.9, weightDecay: 0.5),
        OptimizerSpec(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.5, decoupled: true),
        OptimizerSpec(name: .adamw, learningRate: 0.1, weightDecay: 0.5),
        OptimizerSpec(name: .qhm, learningRate: 0.1, weightDecay: 0.5),
        OptimizerSpec(name: .adagrad, learningRate: 0.1, weightDecay: 0.5),
        OptimizerSpec(name: .rmsprop, learningRate: 0.1, weightDecay: 0.5),
        OptimizerSpec(name: .rmsprop, learningRate: 0.1, momentum: 0.9, weightDecay: 0.5, decoupled: true),
    ]

    @Test(arguments: rules) func statisticsAreLeftAlone(_ rule: OptimizerSpec) throws {
        let shape = InputShape(channels: 3, height: 1, width: 1)
        let network = try Network([.batchNorm("bn"), .linear("fc", outputs: 4)], input: shape, maximumBatch: 1)
        let values = Self.random(network.layout.count, key: 1)
        try network.loadParameters(values)
        let gradients = [[Float](repeating: 1, count: values.count)]
        let after = network.parameters(after: gradients, rule: rule, mu: 0.5)[0]
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            for index in segment {
                #expect((after[index] == values[index]) == parameter.role.isStatistics, "\(parameter.name)")
            }
        }
    }

    @Test(arguments: rules) func theRateScalesTheFirstStep(_ rule: OptimizerSpec) throws {
        let values = Self.random(64, key: 2)
        let gradients = [Self.random(64, key: 3)]
        var half = rule
        half.learningRate /= 2
        let whole = try Self.network(64, values).parameters(after: gradients, rule: rule)[0]
        let part = try Self.network(64, values).parameters(after: gradients, rule: half)[0]
        for index in values.indices {
            #expect(abs((whole[index] - values[index]) - 2 * (part[index] - values[index])) < 2e-6)
        }
    }

    @Test(arguments: rules) func aProximalTermOfTheBaseChangesNothingInTheFirstStep(_ rule: OptimizerSpec) throws {
        let values = Self.random(64, key: 4)
        let gradients = (0..<2).map { Self.random(64, key: 5 + UInt64($0)) }
        let plain = try Self.network(64, values).parameters(after: gradients, rule: rule)
        let proximal = try Self.network(64, values).parameters(after: gradients, rule: rule, mu: 0.5)
        #expect(plain[0] == proximal[0])
        #expect(plain[1] != proximal[1])
    }

    @Test func qhmWithoutMomentumIsDescent() throws {
        let values = Self.random(64, key: 6)
        let gradients = (0..<5).map { Self.random(64, key: 10 + UInt64($0)) }
        let qhm = OptimizerSpec(name: .qhm, learningRate: 0.1, nu: 0)
        let sgd = OptimizerSpec(learningRate: 0.1)
        #expect(
            try Self.network(64, values).parameters(after: gradients, rule: qhm)
                == Self.network(64, values).parameters(after: gradients, rule: sgd))
    }

    /// ν = 1 is momentum at 1/(1 − β) of the rate; powers of two make it exact.
    @Test func qhmOfOneIsMomentum() throws {
        let values = Self.random(64, key: 7)
        let gradients = (0..<5).map { Self.random(64, key: 20 + UInt64($0)) }
        let qhm = OptimizerSpec(name: .qhm, learningRate: 0.5, momentum: 0.75, nu: 1)
        let sgd = OptimizerSpec(learningRate: 0.125, momentum: 0.75)
        #expect(
            try Self.network(64, values).parameters(after: gradients, rule: qhm)
                == Self.network(64, values).parameters(after: gradients, rule: sgd))
    }

    /// ν = β is Nesterov's form at 1/(1 − β) of the rate.
    @Test func qhmOfItsMomentumIsNesterov() throws {
        let values = Self.random(64, key: 8)
        let gradients = (0..<5).map { Self.random(64, key: 30 + UInt64($0)) }
        let qhm = OptimizerSpec(name: .qhm, learningRate: 0.5, momentum: 0.75, nu: 0.75)
        let sgd = OptimizerSpec(learningRate: 0.125, momentum: 0.75, nesterov: true)
        let left = try Self.network(64, values).parameters(after: gradients, rule: qhm)
        let right = try Self.network(64, values).parameters(after: gradients, rule: sgd)
        for (a, b) in zip(left.joined(), right.joined()) { #expect(abs(a - b) < 1e-6) }
    }

    /// The first step of AdamW has the length of the rate, whatever the gradient; decay is a share of θ.
    @Test func adamStepsByTheSignFirst() throws {
        let values = Self.random(64, key: 9)
        let gradient = Self.random(64, key: 40).map { $0 == 0 ? 1 : $0 }
        let rule = OptimizerSpec(name: .adamw, learningRate: 0.125, weightDecay: 0.5, epsilon: 1e-20)
        let after = try Self.network(64, values).parameters(after: [gradient], rule: rule)[0]
        for index in values.indices {
            let expected = values[index] * (1 - 0.0625) - (gradient[index] > 0 ? 0.125 : -0.125)
            #expect(abs(after[index] - expected) < 1e-6)
        }
    }

    @Test func decoupledAndCoupledDecayAreOneForPlainDescentOnly() throws {
        let values = Self.random(64, key: 10)
        let gradients = (0..<3).map { Self.random(64, key: 50 + UInt64($0)) }
        func after(_ momentum: Float, _ decoupled: Bool) throws -> [Float] {
            let rule = OptimizerSpec(learningRate: 0.1, momentum: momentum, weightDecay: 0.1, decoupled: decoupled)
            return try Self.network(64, values).parameters(after: gradients, rule: rule)[2]
        }
        let plain = zip(try after(0, false), try after(0, true)).map { abs($0 - $1) }
        let moving = zip(try after(0.9, false), try after(0.9, true)).map { abs($0 - $1) }
        #expect(plain.allSatisfy { $0 < 1e-6 })
        #expect(moving.contains { $0 > 1e-3 })
    }

    @Test func adagradOfAConstantGradientStepsByTheRoot() throws {
        let rule = OptimizerSpec(name: .adagrad, learningRate: 1, epsilon: 1e-20)
        let steps = try Self.network(2, [0, 0]).parameters(
            after: [[Float]](repeating: [2, -3], count: 4), rule: rule)
        var expected = 0.0
        for (t, step) in zip(1..., steps) {
            expected += 1 / Double(t).squareRoot()
            #expect(abs(Double(step[0]) + expected) < 1e-6)
            #expect(abs(Double(step[1]) - expected) < 1e-6)
        }
    }

    @Test func clippingKeepsTheDirection() throws {
        let rule = OptimizerSpec(learningRate: 1)
        let zero = [Float](repeating: 0, count: 4)
        func step(_ gradient: [Float], _ norm: Float) throws -> [Float] {
            try Self.network(4, zero).parameters(after: [gradient], rule: rule, clipNorm: norm)[0]
        }
        // A norm of 13, over two tensors.
        #expect(try step([3, 0, 4, -12], 6.5) == [-1.5, 0, -2, 6])
        #expect(try step([3, 0, 4, -12], 13) == [-3, 0, -4, 12])
        #expect(try step([3, 0, 4, -12], 20) == [-3, 0, -4, 12])
        #expect(try step(zero, 1) == zero)
        // Squares that a Float could not hold.
        #expect(try step([1e30, 0, 0, 0], 1) == [-1, 0, 0, 0])
    }

    @Test func clippingCountsTrainedParametersOnly() throws {
        let shape = InputShape(channels: 1, height: 1, width: 1)
        let network = try Network([.batchNorm("bn"), .linear("fc", outputs: 1)], input: shape, maximumBatch: 1)
        let gradient = network.layout.parameters.map { $0.role.isStatistics ? Float(1000) : 2 }
        let after = network.parameters(after: [gradient], rule: OptimizerSpec(learningRate: 1), clipNorm: 2)[0]
        for (value, parameter) in zip(after, network.layout.parameters) {
            // Four trained parameters of gradient 2: a norm of 4.
            #expect(value == (parameter.role.isStatistics ? 0 : -1))
        }
    }
}
