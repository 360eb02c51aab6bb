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
        (#"{"scheme": "shards", "shardsPerWorker": 2}"#, .shards(shardsPerWorker: 2)),
        (#"{"scheme": "quantity", "alpha": 3}"#, .quantity(alpha: 3)),
        (#"{"scheme": "groups", "by": "writer"}"#, .groups(by: "writer")),
        (#"{"scheme": "domains", "by": "site"}"#, .domains(by: "site")),
        (#"{"scheme": "domains"}"#, .domains(by: "domain")),
    ]) func partitionsRoundTrip(_ json: String, _ expected: PartitionSpec) throws {
        #expect(try decode(PartitionSpec.self, json) == expected)
        #expect(try JSONDecoder().decode(PartitionSpec.self, from: JSONEncoder().encode(expected)) == expected)
        #expect(json.contains(#""\#(expected.schemeName)""#))
        #expect(expected.description.hasPrefix(expected.schemeName))
        try expected.validate()
    }

    @Test func everySchemeHasAName() {
        #expect(
            PartitionSpec.schemes == [
                "iid", "dirichlet", "classes-per-worker", "shards", "quantity", "groups", "domains",
            ])
    }

    @Test(arguments: [
        (PartitionSpec.dirichlet(alpha: 0), "alpha"), (.dirichlet(alpha: .nan), "alpha"),
        (.dirichlet(alpha: .infinity), "alpha"), (.quantity(alpha: -1), "alpha"), (.quantity(alpha: 1e7), "alpha"),
        (.classesPerWorker(classes: 0), "classes"), (.shards(shardsPerWorker: 0), "shardsPerWorker"),
        (.groups(by: ""), "by"), (.domains(by: String(repeating: "x", count: 65)), "by"),
    ]) func partitionsOutOfRangeAreNamed(_ spec: PartitionSpec, _ key: String) {
        let error = #expect(throws: CoreError(.invalidSpecification, "")) { try spec.validate() }
        #expect(error?.message.hasPrefix("data.partition.\(key): ") == true)
    }

    @Test(arguments: [
        "{}", #"{"scheme": "IID"}"#, #"{"scheme": "dirichlet"}"#, #"{"scheme": "classes-per-worker"}"#,
        #"{"scheme": "classes-per-worker", "classes": 1.5}"#, #"{"scheme": "dirichlet", "alpha": "much"}"#,
        #"{"scheme": "shards"}"#, #"{"scheme": "groups"}"#, #"{"scheme": "quantity"}"#, #"{"scheme": "domain"}"#,
        #"{"scheme": "iid", "alpha": 0.5}"#, #"{"scheme": "dirichlet", "alpha": 0.5, "classes": 2}"#,
        #"{"scheme": "shards", "shardsPerWorker": 2, "by": "writer"}"#,
    ]) func brokenPartitionsAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(PartitionSpec.self, json) }
    }

    @Test(arguments: [
        (#"{"term": "cross-entropy"}"#, ObjectiveTerm.crossEntropy()),
        (#"{"term": "cross-entropy", "labelSmoothing": 0.125}"#, .crossEntropy(labelSmoothing: 0.125)),
        (#"{"term": "cross-entropy", "masked": true}"#, .crossEntropy(masked: true)),
        (#"{"term": "proximal", "mu": 0.25}"#, .proximal(mu: 0.25)),
        (#"{"term": "calibration", "weight": 0.25}"#, .calibration(weight: 0.25)),
        (
            #"{"term": "adversarial", "attack": {"epsilon": "8/255"}}"#,
            .adversarial(AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7)))
        ),
        (
            #"""
            {"term": "adversarial", "weight": 1, "strengths": ["4/255", 0.5], "combination": "parallel", "attack":
            {"norm": "l2", "epsilon": 1, "steps": 3, "stepSize": "1/4", "randomStart": false, "restarts": 1}}
            """#,
            .adversarial(
                AdversarialTerm(
                    attack: AttackSpec(norm: .l2, epsilon: 1, steps: 3, stepSize: 0.25, randomStart: false),
                    weight: 1, strengths: [4 / 255, 0.5], combination: .parallel))
        ),
    ]) func objectiveTermsRoundTrip(_ json: String, _ expected: ObjectiveTerm) throws {
        #expect(try decode(ObjectiveTerm.self, json) == expected)
        #expect(try JSONDecoder().decode(ObjectiveTerm.self, from: JSONEncoder().encode(expected)) == expected)
    }

    @Test(arguments: [
        "{}", #"{"term": "proximal"}"#, #"{"term": "crossEntropy"}"#, #"{"term": "cross-entropy", "mu": 1}"#,
        #"{"term": "proximal", "mu": 1, "masked": true}"#, #"{"term": "adversarial"}"#, #"{"term": "calibration"}"#,
        #"{"term": "calibration", "weight": 1, "attack": {"epsilon": 1}}"#,
        #"{"term": "adversarial", "attack": {}}"#, #"{"term": "adversarial", "attack": {"epsilon": "8/0"}}"#,
        #"{"term": "adversarial", "attack": {"epsilon": "8/x"}}"#,
        #"{"term": "adversarial", "attack": {"epsilon": "1.5/2"}}"#,
        #"{"term": "adversarial", "attack": {"epsilon": 1, "norm": "l1"}}"#,
        #"{"term": "adversarial", "attack": {"epsilon": 1}, "mu": 1}"#,
    ])
    func brokenObjectiveTermsAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(ObjectiveTerm.self, json) }
    }

    @Test func attacksOfBothMethodsRoundTrip() throws {
        let attack = try decode(AttackSpec.self, #"{"method": "apgd", "epsilon": "8/255"}"#)
        #expect(attack == .apgd(epsilon: 8 / 255) && attack.steps == 100)
        #expect(try JSONDecoder().decode(AttackSpec.self, from: JSONEncoder().encode(attack)) == attack)
        let short = try decode(AttackSpec.self, #"{"method": "apgd", "epsilon": 0.5, "steps": 9, "norm": "l2"}"#)
        #expect(short == AttackSpec(method: .apgd, norm: .l2, epsilon: 0.5, steps: 9))
        // As before there were methods.
        let plain = AttackSpec.pgd(epsilon: 0.5, steps: 7)
        #expect(!String(decoding: try JSONEncoder().encode(plain), as: UTF8.self).contains("method"))
        #expect(try decode(AttackSpec.self, #"{"method": "pgd", "epsilon": 0.5}"#) == plain)
        #expect(throws: DecodingError.self) { try decode(AttackSpec.self, #"{"method": "cw", "epsilon": 0.5}"#) }
    }

    @Test func autoPGDIsForEvaluation() throws {
        try AttackSpec.apgd(epsilon: 0.5).validate(at: "evaluation.attack")
        #expect(AttackSpec.apgd(epsilon: 0.25).stepSize(for: 0.25) == 0.5)
        var stepped = AttackSpec.apgd(epsilon: 0.5)
        stepped.stepSize = 0.1
        let refused = #expect(throws: CoreError(.invalidSpecification, "")) {
            try stepped.validate(at: "evaluation.attack")
        }
        #expect(refused?.message.contains("stepSize") == true)
        let trained = #expect(throws: CoreError(.invalidSpecification, "")) {
            try AdversarialTerm(attack: .apgd(epsilon: 0.5)).validate()
        }
        #expect(trained?.message.contains("apgd is for evaluation") == true)
    }

    @Test func trainingHasDefaultsForAllButTheLearningRate() throws {
        let training = try decode(LocalTrainingSpec.self, #"{"optimizer": {"learningRate": 0.1}}"#)
        #expect(training == LocalTrainingSpec(optimizer: OptimizerSpec(learningRate: 0.1)))
        #expect(training.epochs == 1)
        #expect(training.steps == nil)
        #expect(training.batchSize == 32)
        #expect(training.objective == [.crossEntropy()])
        #expect(training.optimizer.name == .sgd)
        #expect(training.optimizer.momentum == 0)
        #expect(training.optimizer.weightDecay == 0)
        #expect(training.schedule == ScheduleSpec(.constant))
        #expect(training.clipNorm == nil && training.smoothOut == nil && training.augmentation == nil)
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
            schedule: ScheduleSpec(.cosine(minimum: 0.25), warmup: 2), clipNorm: 5,
            smoothOut: SmoothOutSpec(range: 0.5, scaling: .magnitude),
            augmentation: AugmentationSpec(cropPadding: 4, horizontalFlip: true),
            objective: [.crossEntropy(), .proximal(mu: 0.125)])
        let decoded = try JSONDecoder().decode(LocalTrainingSpec.self, from: JSONEncoder().encode(training))
        #expect(decoded == training)
    }

    private static func adversarial(_ change: (inout AdversarialTerm) -> Void) -> ObjectiveTerm {
        var term = AdversarialTerm(attack: .pgd(epsilon: 0.1, steps: 7))
        change(&term)
        return .adversarial(term)
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
        ("nesterov", { $0.optimizer.nesterov = true }),
        ("nu", { $0.optimizer.nu = 0.5 }),
        ("state", { $0.optimizer.state = .kept }),
        ("momentum", { $0.optimizer = OptimizerSpec(name: .adamw, learningRate: 1, momentum: 0.5) }),
        ("decoupled", { $0.optimizer = OptimizerSpec(name: .adamw, learningRate: 1, decoupled: false) }),
        ("beta1", { $0.optimizer = OptimizerSpec(name: .adamw, learningRate: 1, beta1: 1) }),
        ("beta2", { $0.optimizer = OptimizerSpec(name: .adamw, learningRate: 1, beta2: .nan) }),
        ("epsilon", { $0.optimizer = OptimizerSpec(name: .adagrad, learningRate: 1, epsilon: 0) }),
        ("nu", { $0.optimizer = OptimizerSpec(name: .qhm, learningRate: 1, nu: 1.5) }),
        ("rho", { $0.optimizer = OptimizerSpec(name: .rmsprop, learningRate: 1, rho: -1) }),
        ("warmup", { $0.schedule.warmup = -1 }),
        ("minimum", { $0.schedule.shape = .cosine(minimum: 2) }),
        ("milestones", { $0.schedule.shape = .multiStep(milestones: [], factor: 0.1) }),
        ("milestones", { $0.schedule.shape = .multiStep(milestones: [5, 5], factor: 0.1) }),
        ("milestones", { $0.schedule.shape = .multiStep(milestones: [0], factor: 0.1) }),
        ("factor", { $0.schedule.shape = .multiStep(milestones: [1], factor: 0) }),
        ("power", { $0.schedule.shape = .polynomial(power: 0, end: 0) }),
        ("end", { $0.schedule.shape = .polynomial(power: 1, end: .nan) }),
        ("clipNorm", { $0.clipNorm = 0 }),
        ("clipNorm", { $0.clipNorm = .infinity }),
        ("smoothOut", { $0.smoothOut = SmoothOutSpec(range: 0) }),
        ("cropPadding", { $0.augmentation = AugmentationSpec(cropPadding: -1) }),
        ("once", { $0.objective.append(.crossEntropy()) }),
        ("labelSmoothing", { $0.objective = [.crossEntropy(labelSmoothing: 1)] }),
        ("masked", { $0.objective = [.crossEntropy(labelSmoothing: 0.1, masked: true)] }),
        ("weight", { $0.objective.append(adversarial { $0.weight = 1.1 }) }),
        ("strengths", { $0.objective.append(adversarial { $0.strengths = [0.1, 1.5] }) }),
        ("epsilon", { $0.objective.append(adversarial { $0.attack.epsilon = -1 }) }),
        ("epsilon", { $0.objective.append(adversarial { $0.attack.epsilon = 1.5 }) }),
        ("steps", { $0.objective.append(adversarial { $0.attack.steps = -1 }) }),
        ("stepSize", { $0.objective.append(adversarial { $0.attack.stepSize = 0 }) }),
        ("restarts", { $0.objective.append(adversarial { $0.attack.restarts = 0 }) }),
        (
            "randomStart",
            {
                $0.objective.append(
                    adversarial {
                        $0.attack.restarts = 2
                        $0.attack.randomStart = false
                    })
            }
        ),
        ("adversarial", { $0.objective += [adversarial { _ in }, adversarial { _ in }] }),
        ("calibration", { $0.objective.append(.calibration(weight: 1.5)) }),
        ("calibration", { $0.objective += [.calibration(weight: 0.5), .calibration(weight: 0.5)] }),
        ("calibration", { $0.objective += [adversarial { _ in }, .calibration(weight: 0.5)] }),
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

    @Test(arguments: OptimizerSpec.Name.allCases) func optimizersRoundTrip(_ name: OptimizerSpec.Name) throws {
        let plain = try decode(OptimizerSpec.self, #"{"name": "\#(name.rawValue)", "learningRate": 0.5}"#)
        #expect(plain == OptimizerSpec(name: name, learningRate: 0.5))
        try plain.validate()
        let encoded = try JSONEncoder().encode(plain)
        #expect(try JSONDecoder().decode(OptimizerSpec.self, from: encoded) == plain)
        let keys = try JSONDecoder().decode([String: AnyValue].self, from: encoded).keys
        #expect(Set(keys) == Set(["name", "learningRate"] + name.settings.map(\.rawValue)))
    }

    /// Accepts anything.
    private struct AnyValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    @Test func theRulesHaveTheirOwnDefaults() {
        #expect(OptimizerSpec(name: .qhm, learningRate: 1).momentum == 0.999)
        #expect(OptimizerSpec(name: .rmsprop, learningRate: 1).momentum == 0)
        #expect(OptimizerSpec(name: .adamw, learningRate: 1).decoupled)
        #expect(!OptimizerSpec(name: .qhm, learningRate: 1).decoupled)
    }

    @Test(arguments: [
        ("sgd", "nu", "0.5", "qhm"), ("sgd", "beta1", "0.5", "adamw"), ("adamw", "momentum", "0.5", "sgd"),
        ("adamw", "decoupled", "false", "always"), ("qhm", "nesterov", "true", "sgd"),
        ("adagrad", "rho", "0", "rmsprop"),
    ])
    func settingsOfAnotherRuleAreRefused(_ name: String, _ key: String, _ value: String, _ named: String) throws {
        let error = #expect(throws: DecodingError.self) {
            try decode(OptimizerSpec.self, #"{"name": "\#(name)", "learningRate": 1, "\#(key)": \#(value)}"#)
        }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(context.debugDescription.contains(named))
    }

    @Test(arguments: [
        (#"{"name": "constant"}"#, ScheduleSpec()),
        (#"{"name": "cosine", "warmup": 5}"#, ScheduleSpec(.cosine(minimum: 0), warmup: 5)),
        (#"{"name": "cosine", "minimum": 0.25}"#, ScheduleSpec(.cosine(minimum: 0.25))),
        (
            #"{"name": "multi-step", "milestones": [150, 250]}"#,
            ScheduleSpec(.multiStep(milestones: [150, 250], factor: 0.1))
        ),
        (
            #"{"name": "polynomial", "power": 0.5, "end": 0.125}"#,
            ScheduleSpec(.polynomial(power: 0.5, end: 0.125))
        ),
    ]) func schedulesRoundTrip(_ json: String, _ expected: ScheduleSpec) throws {
        #expect(try decode(ScheduleSpec.self, json) == expected)
        #expect(try JSONDecoder().decode(ScheduleSpec.self, from: JSONEncoder().encode(expected)) == expected)
    }

    @Test(arguments: [
        "{}", #"{"name": "step"}"#, #"{"name": "multi-step"}"#, #"{"name": "cosine", "power": 2}"#,
        #"{"name": "constant", "minimum": 0.5}"#,
    ]) func brokenSchedulesAreRefused(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(ScheduleSpec.self, json) }
    }

    @Test func modelsHaveDefaults() throws {
        let model = try decode(ModelSpec.self, #"{"architecture": "mlp"}"#)
        #expect(model == ModelSpec(architecture: "mlp"))
        #expect(model.width == .full && model.normalization == .batch && model.dropout == 0 && model.hidden == nil)
        let other = ModelSpec(
            architecture: "lenet", hidden: [3], width: try WidthRatio(2, 16), normalization: .dualShared, dropout: 0.5)
        #expect(try JSONDecoder().decode(ModelSpec.self, from: JSONEncoder().encode(other)) == other)
        #expect(throws: CoreError(.invalidSpecification, "")) {
            try ModelSpec(architecture: "mlp", dropout: 1).validate()
        }
        for bases in [0, 1025] {
            #expect(throws: CoreError(.invalidSpecification, "")) {
                try ModelSpec(architecture: "mlp", bases: bases).validate()
            }
        }
        #expect(throws: CoreError(.invalidSpecification, "")) {
            try ModelSpec(architecture: "mlp", hidden: [0]).validate()
        }
    }

    /// A single network is written as it was before there were several.
    @Test func baseNetworksStandInJSONWhereThereAreSeveral() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var model = ModelSpec(architecture: "mlp")
        let one = String(decoding: try encoder.encode(model), as: UTF8.self)
        #expect(one == #"{"architecture":"mlp","dropout":0,"normalization":"batch","width":1}"#)
        model.bases = 8
        let eight = try encoder.encode(model)
        #expect(String(decoding: eight, as: UTF8.self).contains(#""bases":8"#))
        #expect(try JSONDecoder().decode(ModelSpec.self, from: eight) == model)
    }

    /// Neither does a network that is trained whole say that it cannot be cut.
    @Test func levelsStandInJSONWhereThereAreSome() throws {
        var model = ModelSpec(architecture: "mlp", levels: [try WidthRatio(1, 4), .full])
        try model.validate()
        let encoded = try JSONEncoder().encode(model)
        #expect(try JSONDecoder().decode(ModelSpec.self, from: encoded) == model)
        #expect(
            !String(decoding: try JSONEncoder().encode(ModelSpec(architecture: "mlp")), as: UTF8.self).contains(
                "levels"))
        for levels in [[try WidthRatio(1, 4)], [.full, try WidthRatio(1, 4)], Array(repeating: .full, count: 2)] {
            model.levels = levels
            #expect(throws: CoreError(.invalidSpecification, "")) { try model.validate() }
        }
        model.levels = [.full]
        model.bases = 2
        #expect(throws: CoreError(.invalidSpecification, "")) { try model.validate() }
    }

    @Test(arguments: [
        UpdateScope.wholeModel, .bases([0, 3]), .nested(.full), (try? .nested(WidthRatio(3, 8))) ?? .wholeModel,
    ])
    func scopesAreWords(_ scope: UpdateScope) throws {
        let encoded = try JSONEncoder().encode([scope])
        #expect(String(decoding: encoded, as: UTF8.self).replacing("\\/", with: "/") == "[\"\(scope)\"]")
        #expect(try JSONDecoder().decode([UpdateScope].self, from: encoded) == [scope])
    }

    @Test(arguments: [
        "", "whole", "bases:", "bases:3,0", "nested:", "nested:2/8", "nested:0", "nested:1/4,1/2", "nested:5/4",
    ])
    func otherScopesAreRefused(_ text: String) {
        #expect(throws: DecodingError.self) { try decode([UpdateScope].self, "[\"\(text)\"]") }
    }

    @Test func theDefaultStepIsThatOfSplitMix() {
        #expect(AttackSpec.pgd(epsilon: 8 / 255, steps: 7).stepSize(for: 8 / 255) == Float(8) / 255 * 1.25 / 7)
        #expect(AttackSpec.pgd(epsilon: 0.5, steps: 5).stepSize(for: 0.5) == (0.5 + Float(4) / 255) / 5)
        #expect(AttackSpec.fgsm(epsilon: 0.25).stepSize(for: 0.25) == 0.25)
    }
}
