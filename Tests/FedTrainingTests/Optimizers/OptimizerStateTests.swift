// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// An optimiser that goes on where it stopped.
@Suite struct OptimizerStateTests {
    private static let rules: [OptimizerSpec] = [
        OptimizerSpec(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, state: .kept),
        OptimizerSpec(learningRate: 0.1, momentum: 0.9, nesterov: true, state: .kept),
        OptimizerSpec(name: .adamw, learningRate: 0.01, weightDecay: 0.1, state: .kept),
        OptimizerSpec(name: .qhm, learningRate: 0.5, state: .kept),
        OptimizerSpec(name: .adagrad, learningRate: 0.1, state: .kept),
        OptimizerSpec(name: .rmsprop, learningRate: 0.01, state: .kept),
        OptimizerSpec(name: .rmsprop, learningRate: 0.01, momentum: 0.5, state: .kept),
    ]

    /// One example, so that every batch is the same.
    private static func fixture() throws -> (network: Network, base: [Float], data: Dataset) {
        let shape = InputShape(channels: 3, height: 1, width: 1)
        let data = try Dataset(name: "one", input: shape, classes: 4, images: [0.25, 1, 0.5], labels: [2])
        let network = try Network(
            [.linear("a", outputs: 5), .relu, .linear("b", outputs: 4)], input: shape, maximumBatch: 1)
        network.initialize(using: SeededGenerator(key: 1))
        return (network, network.parameters(), data)
    }

    private static func train(
        _ network: Network, _ base: [Float], _ data: Dataset, _ rule: OptimizerSpec, steps: Int,
        from state: OptimizerState? = nil
    ) throws -> OptimizerState? {
        try LocalTraining.train(
            network: network, base: base, data: data,
            spec: LocalTrainingSpec(steps: steps, batchSize: 1, optimizer: rule), optimizerState: state,
            generator: SeededGenerator(key: 2)
        ).optimizerState
    }

    @Test(arguments: rules) func twoTrainingsAreOneOfTwiceTheSteps(_ rule: OptimizerSpec) throws {
        let (network, base, data) = try Self.fixture()
        let whole = try #require(try Self.train(network, base, data, rule, steps: 8))
        let expected = network.parameters()
        let half = try #require(try Self.train(network, base, data, rule, steps: 4))
        let middle = network.parameters()
        let joined = try #require(try Self.train(network, middle, data, rule, steps: 4, from: half))
        #expect(network.parameters().map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(joined == whole)
        #expect(whole.steps == 8 && half.steps == 4)
        #expect(whole.vectors.allSatisfy { $0.values.contains { $0 != 0 } })

        // Without the state the second half differs, and so does it where the run says that each round starts afresh.
        _ = try Self.train(network, middle, data, rule, steps: 4)
        let without = network.parameters()
        #expect(without != expected)
        var fresh = rule
        fresh.state = .fresh
        #expect(try Self.train(network, middle, data, fresh, steps: 4, from: half) == nil)
        #expect(network.parameters() == without)
    }

    @Test(arguments: rules) func noStepsKeepTheState(_ rule: OptimizerSpec) throws {
        let (network, base, data) = try Self.fixture()
        let state = try #require(try Self.train(network, base, data, rule, steps: 3))
        #expect(try Self.train(network, base, data, rule, steps: 0, from: state) == state)
        let none = try #require(try Self.train(network, base, data, rule, steps: 0))
        #expect(none.steps == 0 && none.vectors.map(\.quantity) == rule.quantities)
        #expect(none.vectors.allSatisfy { $0.values == [Float](repeating: 0, count: base.count) })
    }

    @Test func statisticsHaveNoState() throws {
        let shape = InputShape(channels: 2, height: 1, width: 1)
        let data = try Dataset(name: "two", input: shape, classes: 2, images: [0.5, 1, 1, 0.25], labels: [0, 1])
        let network = try Network([.batchNorm("bn"), .linear("fc", outputs: 2)], input: shape, maximumBatch: 2)
        network.initialize(using: SeededGenerator(key: 1))
        let outcome = try LocalTraining.train(
            network: network, base: network.parameters(), data: data,
            spec: LocalTrainingSpec(
                steps: 3, batchSize: 2, optimizer: OptimizerSpec(learningRate: 0.1, momentum: 0.9, state: .kept)),
            generator: SeededGenerator(key: 2))
        let velocity = try #require(outcome.optimizerState?.vectors.first?.values)
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            #expect(velocity[segment].allSatisfy { $0 == 0 } == parameter.role.isStatistics, "\(parameter.name)")
        }
    }

    @Test func aStateThatDoesNotFitIsRefused() throws {
        let (network, base, data) = try Self.fixture()
        let rule = OptimizerSpec(name: .adamw, learningRate: 0.1, state: .kept)
        let good = try #require(try Self.train(network, base, data, rule, steps: 2))
        func expect(_ code: TrainingError.Code, _ change: (inout OptimizerState) -> Void) {
            var state = good
            change(&state)
            #expect(throws: TrainingError(code, "")) {
                try Self.train(network, base, data, rule, steps: 1, from: state)
            }
            #expect(network.parameters().allSatisfy { $0.isFinite })
        }
        expect(.invalidSpecification) { $0.rule = .qhm }
        expect(.invalidSpecification) { $0.vectors.removeLast() }
        expect(.invalidSpecification) { $0.vectors.swapAt(0, 1) }
        expect(.shapeMismatch) { $0.vectors[0].values.removeLast() }
        expect(.shapeMismatch) { $0.vectors[1].values.append(0) }
        expect(.invalidSpecification) { $0.vectors[0].values[3] = .nan }
        expect(.invalidSpecification) { $0.vectors[1].values[3] = .infinity }
        expect(.invalidSpecification) { $0.vectors[1].values[3] = -1e-9 }
        expect(.invalidSpecification) { $0.steps = -1 }
        expect(.invalidSpecification) { $0.steps = .max }
        // The running mean of gradients may be negative.
        var state = good
        state.vectors[0].values[3] = -1
        _ = try Self.train(network, base, data, rule, steps: 1, from: state)
    }

    @Test func aLongCountIsTakenUp() throws {
        let (network, base, data) = try Self.fixture()
        let rule = OptimizerSpec(name: .adamw, learningRate: 0.1, state: .kept)
        var state = try #require(try Self.train(network, base, data, rule, steps: 2))
        state.steps = OptimizerState.maximumSteps
        let after = try #require(try Self.train(network, base, data, rule, steps: 1, from: state))
        #expect(after.steps == OptimizerState.maximumSteps)
        #expect(network.parameters().allSatisfy { $0.isFinite })
    }
}
