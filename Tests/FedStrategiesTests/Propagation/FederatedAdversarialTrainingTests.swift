// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Foundation
import Testing

/// Who minimises what where only some workers train adversarially.
@Suite struct FederatedAdversarialTrainingTests {
    private static let attack = ObjectiveTerm.adversarial(AdversarialTerm(attack: .pgd(epsilon: 8 / 255, steps: 7)))
    private static let names = ["fatavg", "fatbn", "fatprox", "fedrbn"]

    /// The objectives of workers a (adversarial), b (knows statistics) and c in a round.
    private static func objectives(_ spec: StrategySpec, round: Int) throws -> [[ObjectiveTerm]] {
        let workers = try ["a", "b", "c"].map(WorkerID.init)
        let context = PlanContext(
            run: try RunID("run-1"), round: RoundID(round), baseVersion: ModelVersion(round - 1), workers: workers,
            training: LocalTrainingSpec(
                optimizer: OptimizerSpec(learningRate: 0.1), objective: [.crossEntropy(labelSmoothing: 0.1), attack]),
            seed: 1, adversarial: [workers[0]], propagatedTo: [workers[0], workers[1]])
        return try StrategyRegistry.strategy(spec).plan(context).assignments.map(\.training.objective)
    }

    @Test func othersLeaveTheAttackOut() throws {
        let smoothed = ObjectiveTerm.crossEntropy(labelSmoothing: 0.1)
        for name in ["fatavg", "fatbn"] {
            #expect(
                try Self.objectives(StrategySpec(name: name), round: 50) == [
                    [smoothed, Self.attack], [smoothed], [smoothed],
                ])
        }
        let near = ObjectiveTerm.proximal(mu: 1e-3)
        #expect(
            try Self.objectives(StrategySpec(name: "fatprox"), round: 50)
                == [[smoothed, Self.attack, near], [smoothed, near], [smoothed, near]])
        #expect(
            try Self.objectives(StrategySpec(name: "fedavg"), round: 50)
                == [[ObjectiveTerm]](repeating: [smoothed, Self.attack], count: 3))
    }

    /// From round `warmup` + 1 on, and those only that know statistics.
    @Test func thoseWhoKnowStatisticsCalibrate() throws {
        let smoothed = ObjectiveTerm.crossEntropy(labelSmoothing: 0.1)
        let without = [[smoothed, Self.attack], [smoothed], [smoothed]]
        #expect(try Self.objectives(StrategySpec(name: "fedrbn"), round: 10) == without)
        var with = without
        with[1].append(.calibration(weight: 0.5))
        #expect(try Self.objectives(StrategySpec(name: "fedrbn"), round: 11) == with)
        with[1] = [smoothed, .calibration(weight: 1)]
        #expect(try Self.objectives(StrategySpec(name: "fedrbn", lambda: 1, warmup: 0), round: 1) == with)
        #expect(try Self.objectives(StrategySpec(name: "fedrbn", lambda: 0, warmup: 0), round: 1) == without)
    }

    @Test func settingsOfPropagationAreThoseOfThePaper() throws {
        let spec = StrategySpec(name: "fedrbn")
        #expect(spec.lambda == 0.5 && spec.propagation == .cosine && spec.temperature == 0.01 && spec.warmup == 10)
        let own = StrategySpec(name: "fedrbn", lambda: 1, propagation: .uniform, temperature: 0.1, warmup: 3)
        #expect(try JSONDecoder().decode(StrategySpec.self, from: JSONEncoder().encode(own)) == own)
        #expect(Self.names.allSatisfy { StrategySpec(name: $0).trainsSomeAdversarially })
        #expect(Self.names.map { StrategySpec(name: $0).mu } == [nil, nil, 1e-3, nil])
        #expect(Self.names.map { StrategySpec(name: $0).propagatesRobustness } == [false, false, false, true])
        #expect(!StrategySpec(name: "fedbn").trainsSomeAdversarially && StrategySpec(name: "fedbn").lambda == nil)
    }

    @Test(arguments: [
        StrategySpec(name: "fatbn", lambda: 0.5), StrategySpec(propagation: .cosine),
        StrategySpec(name: "fatavg", temperature: 1), StrategySpec(name: "fedbn", warmup: 1),
        StrategySpec(name: "fedrbn", lambda: 1.5), StrategySpec(name: "fedrbn", lambda: .nan),
        StrategySpec(name: "fedrbn", temperature: 0), StrategySpec(name: "fedrbn", temperature: .infinity),
        StrategySpec(name: "fedrbn", warmup: -1), StrategySpec(name: "fatavg", mu: 0.1),
    ])
    func impossibleSettingsAreRefused(_ spec: StrategySpec) {
        #expect(throws: StrategyError(.invalidSpecification, "")) { try StrategyRegistry.strategy(spec) }
    }
}
