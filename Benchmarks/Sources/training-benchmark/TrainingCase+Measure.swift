// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining

extension TrainingCase {
    /// A multiple of every batch size, so that all batches are full.
    private static let examples = 2560
    private static let classes = 10
    private static let generator = SeededGenerator(key: 1)

    /// Images per CPU-second of whole training steps, over at least `seconds` of them after a tenth for warming up.
    ///
    /// CPU time is that of the process. Setting up (the network, its data and the optimiser's state) is not counted.
    func imagesPerSecond(seconds: Double) throws(TrainingError) -> Double {
        let network = try ModelZoo.makeNetwork(model, input: input, classes: Self.classes, maximumBatch: batch)
        network.initialize(using: Self.generator)
        let spec = LocalTrainingSpec(
            steps: 100_000_000, batchSize: batch, optimizer: OptimizerSpec(learningRate: 0.001, momentum: 0.9),
            objective: objective)

        var steps = 0
        var begin: (steps: Int, seconds: Double)?
        var rate = 0.0
        let created = ProcessorTime.seconds
        do {
            _ = try LocalTraining.train(
                network: network, base: network.parameters(), data: try data(), spec: spec, generator: Self.generator,
                progress: { _ in steps += 1 },
                shouldStop: {
                    let now = ProcessorTime.seconds
                    guard let begin else {
                        if steps >= 2, now - created >= seconds / 10 { begin = (steps, now) }
                        return false
                    }
                    guard now - begin.seconds >= seconds else { return false }
                    rate = Double((steps - begin.steps) * batch) / (now - begin.seconds)
                    return true
                })
        } catch {
            guard error.code == .stopped else { throw error }
        }
        return rate
    }

    /// Uniform noise, labelled at random.
    private func data() throws(TrainingError) -> Dataset {
        var pixels = Self.generator.stream("pixels")
        var labels = Self.generator.stream("labels")
        return try Dataset(
            name: "noise", input: input, classes: Self.classes,
            images: (0..<(Self.examples * input.count)).map { _ in pixels.nextUnitFloat() },
            labels: (0..<Self.examples).map { _ in Int32(labels.nextIndex(below: Self.classes)) })
    }
}
