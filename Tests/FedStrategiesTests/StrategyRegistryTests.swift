// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Foundation
import Testing

@Suite struct StrategyRegistryTests {
    @Test(arguments: StrategyRegistry.names) func everyNameMakesAStrategy(_ name: String) throws {
        #expect(try StrategyRegistry.strategy(StrategySpec(name: name)).name == name)
    }

    @Test func anUnknownNameListsTheKnownAndTheNearest() {
        let error = #expect(throws: StrategyError.self) { try StrategyRegistry.strategy(StrategySpec(name: "FedAvgg")) }
        #expect(error?.code == .unknownStrategy)
        #expect(error?.message.contains("did you mean fedavg?") == true)
        for name in StrategyRegistry.names { #expect(error?.message.contains(name) == true) }
    }

    @Test(arguments: [0, -0.5, 1.01, .nan, .infinity]) func sharesAreChecked(_ fraction: Double) {
        #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(StrategySpec(), fraction: fraction)
        }
    }

    @Test(arguments: [0, -1, .nan, .infinity]) func learningRatesAreChecked(_ rate: Float) {
        #expect(throws: StrategyError(.invalidSpecification, "")) {
            try StrategyRegistry.strategy(StrategySpec(optimizer: ServerOptimizerSpec(learningRate: rate)))
        }
    }

    @Test func specificationsHaveDefaults() throws {
        let decoded = try JSONDecoder().decode(StrategySpec.self, from: Data("{}".utf8))
        #expect(decoded == StrategySpec(name: "fedavg"))
        #expect(decoded.optimizer.learningRate == 1)
        let short = try JSONDecoder().decode(StrategySpec.self, from: Data(#"{"serverLearningRate": 0.5}"#.utf8))
        #expect(short == StrategySpec(optimizer: ServerOptimizerSpec(learningRate: 0.5)))
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                StrategySpec.self, from: Data(#"{"serverLearningRate": 0.5, "optimizer": {"name": "adam"}}"#.utf8))
        }
    }

    @Test func aNameAloneIsAStrategy() throws {
        let decoded = try JSONDecoder().decode([StrategySpec].self, from: Data(#"["fedprox", "split-mix"]"#.utf8))
        #expect(decoded == [StrategySpec(name: "fedprox"), StrategySpec(name: "split-mix")])
        #expect(decoded[0].mu == 0.01 && decoded[1].mu == nil)
        let own = StrategySpec(name: "fedprox", mu: 0.5)
        #expect(try JSONDecoder().decode(StrategySpec.self, from: JSONEncoder().encode(own)) == own)
        for spec in [StrategySpec(mu: 0.5), StrategySpec(name: "fedprox", mu: -1)] {
            #expect(throws: StrategyError(.invalidSpecification, "")) { try StrategyRegistry.strategy(spec) }
        }
    }

    @Test(arguments: ServerOptimizerSpec.Name.allCases)
    func specificationsComeBackFromJSON(_ name: ServerOptimizerSpec.Name) throws {
        let spec = StrategySpec(
            optimizer: ServerOptimizerSpec(name: name, learningRate: 0.25, weightDecay: 0.125),
            schedule: ScheduleSpec(.cosine(minimum: 0.5), warmup: 3), weighting: .uniform)
        #expect(try JSONDecoder().decode(StrategySpec.self, from: JSONEncoder().encode(spec)) == spec)
    }

    @Test(arguments: [
        ServerOptimizerSpec(nesterov: true), ServerOptimizerSpec(momentum: 1), ServerOptimizerSpec(weightDecay: -1),
        ServerOptimizerSpec(beta2: 0.5), ServerOptimizerSpec(name: .adam, momentum: 0.5),
        ServerOptimizerSpec(name: .adagrad, beta2: 0.5), ServerOptimizerSpec(name: .yogi, epsilon: 0),
        ServerOptimizerSpec(name: .yogi, beta1: -0.1),
    ]) func settingsAreChecked(_ optimizer: ServerOptimizerSpec) {
        let error = #expect(throws: StrategyError.self) {
            try StrategyRegistry.strategy(StrategySpec(optimizer: optimizer))
        }
        #expect(error?.message.hasPrefix("strategy.optimizer.") == true)
    }
}
