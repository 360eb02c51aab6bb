// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

/// What the specifications of a run file accept, default and refuse.
@Suite struct SpecificationCodingTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    @Test(arguments: [
        (#"{"scheme": "iid"}"#, PartitionSpec.iid),
        (#"{"scheme": "dirichlet", "alpha": 0.5}"#, .dirichlet(alpha: 0.5)),
        (#"{"scheme": "classes-per-worker", "classes": 2}"#, .classesPerWorker(classes: 2)),
    ]) func partitionsRoundTrip(_ json: String, _ expected: PartitionSpec) throws {
        #expect(try decode(PartitionSpec.self, json) == expected)
        #expect(try JSONDecoder().decode(PartitionSpec.self, from: JSONEncoder().encode(expected)) == expected)
    }

    @Test(arguments: [
        "{}", #"{"scheme": "IID"}"#, #"{"scheme": "dirichlet"}"#, #"{"scheme": "classes-per-worker"}"#,
        #"{"scheme": "classes-per-worker", "classes": 1.5}"#, #"{"scheme": "dirichlet", "alpha": "much"}"#,
    ]) func brokenPartitionsAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(PartitionSpec.self, json) }
    }

    @Test(arguments: [
        (#"{"term": "cross-entropy"}"#, ObjectiveTerm.crossEntropy),
        (#"{"term": "proximal", "mu": 0.25}"#, .proximal(mu: 0.25)),
    ]) func objectiveTermsRoundTrip(_ json: String, _ expected: ObjectiveTerm) throws {
        #expect(try decode(ObjectiveTerm.self, json) == expected)
        #expect(try JSONDecoder().decode(ObjectiveTerm.self, from: JSONEncoder().encode(expected)) == expected)
    }

    @Test(arguments: ["{}", #"{"term": "proximal"}"#, #"{"term": "crossEntropy"}"#])
    func brokenObjectiveTermsAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(ObjectiveTerm.self, json) }
    }

    @Test func trainingHasDefaultsForAllButTheLearningRate() throws {
        let training = try decode(LocalTrainingSpec.self, #"{"optimizer": {"learningRate": 0.1}}"#)
        #expect(training == LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)))
        #expect(training.epochs == 1)
        #expect(training.steps == nil)
        #expect(training.batchSize == 32)
        #expect(training.objective == [.crossEntropy])
        #expect(training.optimizer.name == .sgd)
        #expect(training.optimizer.momentum == 0)
        #expect(training.optimizer.weightDecay == 0)
        try training.validate()
        #expect(throws: DecodingError.self) { try decode(LocalTrainingSpec.self, "{}") }
        #expect(throws: DecodingError.self) { try decode(LocalTrainingSpec.self, #"{"optimizer": {}}"#) }
        #expect(throws: DecodingError.self) {
            try decode(LocalTrainingSpec.self, #"{"optimizer": {"name": "adam", "learningRate": 1}}"#)
        }
    }

    @Test func trainingRoundTrips() throws {
        let training = LocalTrainingSpec(
            epochs: 3, steps: 20, batchSize: 7,
            optimizer: OptimizerSpec(learningRate: 0.5, momentum: 0.9, weightDecay: 1e-4),
            objective: [.crossEntropy, .proximal(mu: 0.125)])
        let decoded = try JSONDecoder().decode(LocalTrainingSpec.self, from: JSONEncoder().encode(training))
        #expect(decoded == training)
    }

    private static let broken: [(name: String, change: @Sendable (inout LocalTrainingSpec) -> Void)] = [
        ("epochs", { $0.epochs = 0 }),
        ("epochs", { $0.epochs = 100_001 }),
        ("steps", { $0.steps = -1 }),
        ("batchSize", { $0.batchSize = 0 }),
        ("batchSize", { $0.batchSize = .max }),
        ("learningRate", { $0.optimizer.learningRate = 0 }),
        ("learningRate", { $0.optimizer.learningRate = .nan }),
        ("learningRate", { $0.optimizer.learningRate = .infinity }),
        ("momentum", { $0.optimizer.momentum = 1 }),
        ("momentum", { $0.optimizer.momentum = -0.1 }),
        ("momentum", { $0.optimizer.momentum = .nan }),
        ("weightDecay", { $0.optimizer.weightDecay = -1 }),
        ("weightDecay", { $0.optimizer.weightDecay = .nan }),
        ("objective", { $0.objective = [] }),
        ("objective", { $0.objective = [.proximal(mu: 1)] }),
        ("mu", { $0.objective.append(.proximal(mu: -1)) }),
        ("mu", { $0.objective.append(.proximal(mu: .nan)) }),
    ]

    @Test(arguments: broken)
    func settingsOutOfRangeAreNamed(_ name: String, _ change: @Sendable (inout LocalTrainingSpec) -> Void) throws {
        var training = LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1))
        change(&training)
        let error = #expect(throws: CoreError.self) { try training.validate() }
        #expect(error?.code == .invalidSpecification)
        #expect(error?.message.contains(name) == true)
    }

    @Test func zeroStepsAreValid() throws {
        try LocalTrainingSpec(steps: 0, optimizer: OptimizerSpec(learningRate: 0.1)).validate()
    }
}
