// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

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
            try StrategyRegistry.strategy(StrategySpec(serverLearningRate: rate))
        }
    }

    @Test func specificationsHaveDefaults() throws {
        let decoded = try JSONDecoder().decode(StrategySpec.self, from: Data("{}".utf8))
        #expect(decoded == StrategySpec(name: "fedavg", serverLearningRate: 1))
        let spec = StrategySpec(name: "fedavg", serverLearningRate: 0.5)
        #expect(try JSONDecoder().decode(StrategySpec.self, from: JSONEncoder().encode(spec)) == spec)
    }
}
