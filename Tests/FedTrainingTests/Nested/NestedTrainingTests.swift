// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Networks that are nested in a wider one, and their training together.
@Suite struct NestedTrainingTests {
    static let input = InputShape(channels: 3, height: 12, width: 10)
    static let classes = 5

    static func spec(_ name: String, levels: [Int] = [1, 2, 4]) throws -> ModelSpec {
        // Few channels in every layer: the widest is a fraction of the architecture.
        let parts = name == "mlp" ? 20 : name == "resnet20" ? 4 : 16
        let widths = try levels.map { try WidthRatio($0, parts) }
        return ModelSpec(architecture: name, width: try #require(widths.last), levels: widths)
    }

    static func network(_ spec: ModelSpec, batch: Int = 8) throws -> Network {
        try ModelZoo.makeNetwork(spec, input: input, classes: classes, maximumBatch: batch)
    }

    static func levels(of spec: ModelSpec) throws -> [NestedLevel] {
        try ModelZoo.levels(of: spec, input: input, classes: classes)
    }

    static func noise(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(key: seed)
        return (0..<count).map { _ in generator.nextUnitFloat() }
    }

    static func data(_ count: Int) throws -> Dataset {
        try Dataset(
            name: "noise", input: input, classes: classes, values: .floats(noise(count * input.count, seed: 3)),
            labels: (0..<count).map { Int32($0 % classes) })
    }

    /// A narrow network computes what the wide one does once all that lies outside of it is 0: so its tensors lie where they should,
    /// those behind a flattened map, too.
    @Test(arguments: ModelZoo.names) func aCutComputesWhatTheWideNetworkDoesWithoutTheRest(_ name: String) throws {
        let spec = try Self.spec(name)
        let wide = try Self.network(spec)
        wide.initialize(using: SeededGenerator(key: 4))
        let images = Self.noise(4 * Self.input.count, seed: 5)
        var values = wide.parameters()
        for (parameter, segment) in zip(wide.layout.parameters, wide.layout.segments) {
            let shift = Self.noise(segment.count, seed: UInt64(segment.lowerBound))
            for (index, offset) in zip(segment, shift) where parameter.role != .weight { values[index] += 0.2 * offset }
        }
        for level in try Self.levels(of: spec) {
            let narrow = try Self.network(spec.network(for: .nested(level.width)))
            #expect(narrow.layout == level.slice.layout)
            let own = level.slice.gathered(from: values)
            try narrow.loadParameters(own)
            var alone = [Float](repeating: 0, count: values.count)
            level.slice.scatter(own, into: &alone)
            try wide.loadParameters(alone)
            let (expected, found) = (wide.logits(images: images), narrow.logits(images: images))
            #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 * (1 + abs($0)) })
            #expect(Set(found).count > Self.classes)
        }
    }

    /// One step of plain descent goes against the sum of the gradients of all levels, each computed by a network of its own.
    @Test(arguments: ModelZoo.names) func aStepFollowsTheSumOfTheLosses(_ name: String) throws {
        let spec = try Self.spec(name)
        let wide = try Self.network(spec)
        wide.initialize(using: SeededGenerator(key: 4))
        let base = wide.parameters()
        let data = try Self.data(8)
        let training = LocalTrainingSpec(
            steps: 1, batchSize: 8, optimizer: OptimizerSpec(learningRate: 0.5))
        let levels = try Self.levels(of: spec)
        for (number, level) in levels.enumerated() {
            let networks = TrainingNetworks(spec, input: Self.input, classes: Self.classes, maximumBatch: 8)
            var change = [Float](repeating: 9, count: base.count)
            let outcome = try LocalTraining.train(
                .nested(level.width), networks: networks, base: base, change: &change, data: data, spec: training,
                generator: SeededGenerator(key: 8))
            var expected = [Double](repeating: 0, count: base.count)
            var loss = 0.0
            for inner in levels[...number] {
                let network = try Self.network(spec.network(for: .nested(inner.width)))
                try network.loadParameters(inner.slice.gathered(from: base))
                let result = network.lossAndGradient(
                    images: Self.noise(8 * Self.input.count, seed: 3), labels: (0..<8).map { Int32($0 % 5) },
                    mode: .training)
                loss = result.loss
                let places = inner.slice.gathered(from: (0..<base.count).map(Float.init)).map { Int($0) }
                for (place, gradient) in zip(places, result.gradient) { expected[place] -= 0.5 * Double(gradient) }
                guard inner.width == level.width else { continue }
                // Statistics move as those of the widest network alone.
                for (parameter, segment) in zip(network.layout.parameters, network.layout.segments)
                where parameter.role.isStatistics {
                    let moved = network.parameters()
                    for index in segment { expected[places[index]] = Double(moved[index] - base[places[index]]) }
                }
            }
            #expect(abs(outcome.metrics.loss - loss) < 1e-4 * (1 + loss), "the loss is the widest one's")
            let scale = expected.map(abs).max() ?? 0
            #expect(scale > 1e-3)
            for index in expected.indices {
                #expect(abs(Double(change[index]) - expected[index]) < 2e-4 * (scale + abs(expected[index])))
            }
            let held = Set(level.slice.gathered(from: (0..<base.count).map(Float.init)))
            #expect(change.indices.allSatisfy { held.contains(Float($0)) || change[$0] == 0 })
        }
    }

    /// The sum of the losses falls along the way that a small step takes by as much as its gradient says (finite differences).
    @Test func theSumOfTheLossesFallsAsTheGradientSays() throws {
        let spec = ModelSpec(architecture: "mlp", hidden: [12, 8], levels: [try WidthRatio(1, 4), .full])
        let wide = try Self.network(spec)
        wide.initialize(using: SeededGenerator(key: 4))
        let base = wide.parameters()
        let levels = try Self.levels(of: spec)
        func loss(_ values: [Float]) throws -> Double {
            try levels.reduce(0) { sum, level in
                let network = try Self.network(spec.network(for: .nested(level.width)))
                try network.loadParameters(level.slice.gathered(from: values))
                return sum
                    + network.lossAndGradient(
                        images: Self.noise(8 * Self.input.count, seed: 3), labels: (0..<8).map { Int32($0 % 5) },
                        mode: .evaluation
                    ).loss
            }
        }
        let rate: Float = 1e-3
        var change = [Float](repeating: 0, count: base.count)
        _ = try LocalTraining.train(
            .nested(.full), networks: TrainingNetworks(spec, input: Self.input, classes: Self.classes, maximumBatch: 8),
            base: base, change: &change, data: Self.data(8),
            spec: LocalTrainingSpec(steps: 1, batchSize: 8, optimizer: OptimizerSpec(learningRate: rate)),
            generator: SeededGenerator(key: 8))
        let squared = change.reduce(0) { $0 + Double($1) * Double($1) } / Double(rate * rate)
        let fall = try loss(zip(base, change).map { $0 - $1 }) - loss(zip(base, change).map { $0 + $1 })
        #expect(abs(fall / (2 * Double(rate) * squared) - 1) < 0.02, "\(fall), \(squared)")
    }

    @Test(arguments: [
        [ObjectiveTerm.crossEntropy()], [.crossEntropy(), .proximal(mu: 0.5)],
        [.crossEntropy(), .adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.1, steps: 2), weight: 0.5))],
    ])
    func oneLevelIsTrainedAsTheNetworkAlone(_ objective: [ObjectiveTerm]) throws {
        var spec = try Self.spec("digits-cnn", levels: [2])
        spec.dropout = 0.25
        let network = try Self.network(spec)
        network.initialize(using: SeededGenerator(key: 4))
        let base = network.parameters()
        let data = try Self.data(20)
        let training = LocalTrainingSpec(
            epochs: 2, batchSize: 8, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9),
            clipNorm: 1, smoothOut: SmoothOutSpec(range: 0.01), objective: objective)
        let plain = try LocalTraining.train(
            network: network, base: base, data: data, spec: training, generator: SeededGenerator(key: 8))
        var change = [Float](repeating: 0, count: base.count)
        let networks = TrainingNetworks(spec, input: Self.input, classes: Self.classes, maximumBatch: 8)
        let nested = try LocalTraining.train(
            .nested(spec.width), networks: networks, base: base, change: &change, data: data, spec: training,
            generator: SeededGenerator(key: 8))
        var expected = base
        network.copyChange(from: base, to: &expected)
        #expect(change == expected)
        #expect(nested.metrics.loss == plain.metrics.loss && nested.metrics.accuracy == plain.metrics.accuracy)
    }

    /// All terms together, several levels, one or more threads: the same bits, and every level learns something.
    @Test func theNumberOfThreadsDoesNotMatter() throws {
        let spec = try Self.spec("digits-cnn")
        let network = try Self.network(spec)
        network.initialize(using: SeededGenerator(key: 4))
        let base = network.parameters()
        let training = LocalTrainingSpec(
            epochs: 2, batchSize: 8, optimizer: OptimizerSpec(learningRate: 0.05, momentum: 0.9),
            smoothOut: SmoothOutSpec(range: 0.01),
            objective: [
                .crossEntropy(),
                .adversarial(AdversarialTerm(attack: AttackSpec(epsilon: 0.1, steps: 2), weight: 0.5)),
            ])
        var changes: [[Float]] = []
        for threads in [1, 3] {
            let networks = TrainingNetworks(
                spec, input: Self.input, classes: Self.classes, maximumBatch: 8, threads: threads)
            var change = [Float](repeating: 0, count: base.count)
            _ = try LocalTraining.train(
                .nested(spec.width), networks: networks, base: base, change: &change, data: Self.data(20),
                spec: training, generator: SeededGenerator(key: 8))
            changes.append(change)
        }
        #expect(changes[0] == changes[1] && changes[0].contains { abs($0) > 0.01 })
    }
}
