// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// What batch normalisation normalises by outside training, and how it is measured.
@Suite struct NormalizationStatisticsTests {
    private static let shape = InputShape(channels: 2, height: 1, width: 1)
    private static let layers: [LayerSpec] = [.batchNorm("norm"), .flatten, .linear("fc", outputs: 2)]

    /// `count` examples of two features, one far from 0.
    private static func data(_ count: Int = 24) throws -> Dataset {
        var stream = SeededGenerator(key: 5)
        let images = (0..<2 * count).map {
            $0.isMultiple(of: 2) ? stream.nextUnitFloat() : 7 + 3 * stream.nextUnitFloat()
        }
        let labels = (0..<count).map { Int32($0 % 2) }
        let group = ExampleAttribute(name: "kind", values: ["a", "b", "c"], codes: (0..<count).map { Int32($0 % 3) })
        return try Dataset(name: "two", input: shape, classes: 2, images: images, labels: labels).adding(group)
    }

    private static func network(_ used: PassMode.Statistics, maximumBatch: Int = 32) throws -> Network {
        let network = try Network(layers, input: shape, maximumBatch: maximumBatch, usedStatistics: used)
        network.initialize(using: SeededGenerator(key: 3))
        return network
    }

    /// Two passes in batches of six: the mean of the batches' means and unbiased variances, and weights that stay.
    @Test func measuringGivesTheMeanOverAllBatches() throws {
        let data = try Self.data()
        let network = try Self.network(.running)
        var base = network.parameters()
        let statistics = network.layout.parameters.indices.filter { network.layout.parameters[$0].role.isStatistics }
        #expect(statistics.count == 2)
        // What was there before does not count.
        for index in statistics { for place in network.layout.segments[index] { base[place] = 1000 } }
        let spec = LocalTrainingSpec(
            epochs: 7, batchSize: 6, optimizer: OptimizerSpec(learningRate: 1), statisticsPasses: 2)
        let outcome = try LocalTraining.train(
            network: network, base: base, data: data, spec: spec, generator: SeededGenerator(key: 1))
        #expect(outcome.exampleCount == 24 && outcome.metrics.loss > 0)
        var means = [0.0, 0.0]
        var variances = [0.0, 0.0]
        for pass in 0..<2 {
            var order = Array(0..<24)
            var stream = SeededGenerator(key: 1).stream("epoch", UInt64(pass))
            stream.shuffle(&order)
            for start in stride(from: 0, to: 24, by: 6) {
                for channel in 0..<2 {
                    let values = order[start..<(start + 6)].map { Double(data.example(at: $0)[channel]) }
                    let mean = values.reduce(0, +) / 6
                    means[channel] += mean / 8
                    variances[channel] += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5 / 8
                }
            }
        }
        let after = network.parameters()
        for (index, expected) in zip(statistics, [means, variances]) {
            for (place, value) in zip(network.layout.segments[index], expected) {
                #expect(abs(Double(after[place]) - value) < 1e-4 * value, "\(network.layout.parameters[index].name)")
            }
        }
        for index in network.layout.parameters.indices where !statistics.contains(index) {
            let place = network.layout.segments[index]
            #expect(after[place].map(\.bitPattern) == base[place].map(\.bitPattern))
        }
    }

    /// Several passes a step through one branch: the mean is over all of them.
    @Test func passesOfAStepCountAlike() throws {
        let data = try Self.data()
        let term = AdversarialTerm(
            attack: AttackSpec(epsilon: 0), weight: 0.5, strengths: [0, 0, 0], combination: .parallel)
        func statistics(_ objective: [ObjectiveTerm]) throws -> [Float] {
            let network = try Self.network(.running)
            let images = (0..<24).flatMap { data.example(at: $0).map { $0 / 10 } }
            let small = try Dataset(name: "small", input: Self.shape, classes: 2, images: images, labels: data.labels)
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: small,
                spec: LocalTrainingSpec(
                    batchSize: 6, optimizer: OptimizerSpec(learningRate: 1), objective: objective, statisticsPasses: 2),
                generator: SeededGenerator(key: 1))
            return zip(network.layout.parameters, network.layout.segments).filter { $0.0.role.isStatistics }
                .flatMap { network.parameters()[$0.1] }
        }
        // Attacks without strength: all passes see the same.
        let one = try statistics([.crossEntropy()])
        for (expected, found) in zip(one, try statistics([.crossEntropy(), .adversarial(term)])) {
            #expect(abs(expected - found) < 1e-5 * abs(expected))
        }
    }

    /// The adversarial branch of a dual batch norm is measured on attacked examples.
    @Test func measuringFillsBothBranches() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).train.subset(Array(0..<64))
        let model = ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualSeparate)
        let network = try ModelZoo.makeNetwork(model, input: data.input, classes: data.classes, maximumBatch: 32)
        network.initialize(using: SeededGenerator(key: 3))
        let base = network.parameters()
        let spec = LocalTrainingSpec(
            batchSize: 32, optimizer: OptimizerSpec(learningRate: 1),
            objective: [
                .crossEntropy(), .adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.2, steps: 1), weight: 0.5)),
            ], statisticsPasses: 2)
        _ = try LocalTraining.train(
            network: network, base: base, data: data, spec: spec, generator: SeededGenerator(key: 1))
        let after = network.parameters()
        for (parameter, segment) in zip(network.layout.parameters, network.layout.segments) {
            #expect((after[segment] != base[segment]) == parameter.role.isStatistics, "\(parameter.name)")
        }
    }

    @Test func predictionsByTheBatchDoNotLookAtRunningStatistics() throws {
        let data = try Self.data()
        for used in [PassMode.Statistics.batch, .running] {
            let network = try Self.network(used)
            let before = try Evaluator.evaluate(network: network, data: data)
            var values = network.parameters()
            for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
            where parameter.role.isStatistics { for place in segment { values[place] = 40 } }
            try network.loadParameters(values)
            #expect((try Evaluator.evaluate(network: network, data: data) == before) == (used == .batch))
        }
    }

    /// Twenty-four examples of three kinds: batches of five at most are of one kind each, and none is much smaller than another.
    @Test func batchesAreOfOneKind() throws {
        let data = try Self.data()
        func batches(size: Int, areDependent: Bool = true, of data: Dataset) -> [ArraySlice<Int>] {
            EvaluationBatches(
                of: data, size: size, areDependent: areDependent, generator: SeededGenerator(key: 9)
            ).all
        }
        let five = batches(size: 5, of: data)
        #expect(five.flatMap { $0 }.sorted() == Array(0..<24) && five.map(\.count) == [4, 4, 4, 4, 4, 4])
        #expect(five.allSatisfy { batch in Set(batch.map { $0 % 3 }).count == 1 })
        #expect(five.flatMap { $0 } != (0..<24).sorted { ($0 % 3, $0) < ($1 % 3, $1) }, "shuffled")
        // Kinds of eight are less than half of batches of twenty.
        #expect(batches(size: 20, of: data).map(\.count) == [12, 12])
        #expect(batches(size: 16, of: data).map(\.count) == [8, 8, 8])
        #expect(
            batches(size: 10, areDependent: false, of: data).map { Array($0) } == [
                Array(0..<10), Array(10..<20), Array(20..<24),
            ])
    }

    /// An attack without strength changes nothing, whatever stands beside an example; a strong one does.
    @Test func attacksSeeTheWholeBatch() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        let model = ModelSpec(architecture: "digits-cnn", width: try WidthRatio(1, 8), statistics: .batch)
        let network = try ModelZoo.makeNetwork(model, input: data.input, classes: data.classes, maximumBatch: 50)
        network.initialize(using: SeededGenerator(key: 3))
        let train = try DatasetRegistry.load(DatasetSource(name: "digits")).train
        _ = try LocalTraining.train(
            network: network, base: network.parameters(), data: train,
            spec: LocalTrainingSpec(epochs: 2, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9)),
            generator: SeededGenerator(key: 1))
        let none = try Evaluator.evaluate(network: network, data: data, attack: AttackSpec(epsilon: 0))
        #expect(none.accuracy > 0.8 && none.robustAccuracy == none.accuracy)
        let strong = try Evaluator.evaluate(
            network: network, data: data, attack: AttackSpec(epsilon: 0.2, steps: 3), robustExamples: 100)
        #expect(try #require(strong.robustAccuracy) < 0.5)
        // Whole batches are attacked: with no strength, those hold what they held.
        let few = try Evaluator.evaluate(
            network: network, data: data, attack: AttackSpec(epsilon: 0), robustExamples: data.count - 1)
        #expect(few.robustAccuracy == few.accuracy)
    }
}
