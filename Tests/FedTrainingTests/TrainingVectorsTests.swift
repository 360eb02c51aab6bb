// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

/// Training steps are PyTorch's: same weights, same batches, the same losses, changes and logits to 1e-4.
@Suite struct TrainingVectorsTests {
    private static let tolerance = 1e-4
    private static let generator = SeededGenerator(key: 7)

    @Test func everyFamilyOfModelsHasAVector() throws {
        let covered = Set(try TrainingVector.names().map { try TrainingVector.read($0).model.architecture })
        #expect(covered.isSuperset(of: ["mlp", "lenet", "digits-cnn", "preact-resnet18"]))
    }

    @Test(arguments: try TrainingVector.names())
    func stepsArePyTorchs(_ name: String) throws {
        let vector = try TrainingVector.read(name)
        let network = try ModelZoo.makeNetwork(
            vector.model, input: vector.input, classes: vector.classes, maximumBatch: vector.training.batchSize)
        #expect(network.layout.parameters.map(\.shape) == vector.tensors.map(\.shape))
        let weights = vector.weights
        let data = try Self.data(of: vector)

        var spec = vector.training
        var sum = 0.0
        for (step, loss) in vector.losses.enumerated() {
            spec.steps = step + 1
            let outcome = try LocalTraining.train(
                network: network, base: weights, data: data, spec: spec, generator: Self.generator)
            // The mean over the examples so far.
            let before = step * spec.batchSize
            let after = min(before + spec.batchSize, vector.examples)
            sum += loss * Double(after - before)
            let expected = sum / Double(after)
            #expect(abs(outcome.metrics.loss - expected) <= Self.tolerance * expected, "\(name), step \(step + 1)")
        }

        let parameters = network.parameters()
        for (number, (tensor, segment)) in zip(vector.tensors, network.layout.segments).enumerated() {
            let place = "\(name), tensor \(number) \(network.layout.parameters[number].name)"
            let change = segment.map { Double(parameters[$0]) - Double(weights[$0]) }
            let root = Double(change.count).squareRoot()
            let norm = change.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(norm - tensor.norm) <= Self.tolerance * tensor.norm + tensor.rounding * root, "\(place): norm")
            for (position, expected) in zip(tensor.at, tensor.change) {
                let scale = max(abs(expected), tensor.norm / root)
                let difference = abs(change[position] - expected)
                #expect(difference <= Self.tolerance * scale + tensor.rounding, "\(place), entry \(position)")
            }
        }

        let shown = vector.logits.count / vector.classes
        let logits = network.logits(images: Array(vector.images.prefix(shown * vector.input.count)))
        let largest = vector.logits.reduce(0) { max($0, abs($1)) }
        #expect(logits.count == vector.logits.count)
        for (logit, expected) in zip(logits, vector.logits) {
            #expect(abs(Double(logit) - expected) <= Self.tolerance * largest, "\(name): logits")
        }
    }

    /// The examples, placed so that the first epoch of `generator` takes them in the vector's order.
    private static func data(of vector: TrainingVector) throws -> Dataset {
        var order = Array(0..<vector.examples)
        var stream = generator.stream("epoch", 0)
        stream.shuffle(&order)
        let size = vector.input.count
        let images = vector.images
        let labels = vector.labels
        var placedImages = [Float](repeating: 0, count: images.count)
        var placedLabels = [Int32](repeating: 0, count: labels.count)
        for (example, place) in order.enumerated() {
            placedLabels[place] = labels[example]
            for pixel in 0..<size { placedImages[place * size + pixel] = images[example * size + pixel] }
        }
        return try Dataset(
            name: "vector", input: vector.input, classes: vector.classes, images: placedImages, labels: placedLabels)
    }
}
