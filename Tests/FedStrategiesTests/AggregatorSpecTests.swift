// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Foundation
import Testing

@Suite struct AggregatorSpecTests {
    private func decoded(_ text: String) throws -> StrategySpec {
        try JSONDecoder().decode(StrategySpec.self, from: Data(text.utf8))
    }

    @Test(arguments: AggregatorSpec.Name.allCases) func comesBackFromJSON(_ name: AggregatorSpec.Name) throws {
        var spec = StrategySpec(aggregator: AggregatorSpec(name: name))
        for key in name.settings {
            switch key {
            case .name: break
            case .trim: spec.aggregator.trim = 0.125
            case .attackers: spec.aggregator.attackers = 3
            case .keep: spec.aggregator.keep = 4
            case .iterations: spec.aggregator.iterations = 5
            case .smoothing: spec.aggregator.smoothing = 0.5
            case .bound: spec.aggregator.bound = 2
            case .step: spec.aggregator.step = 0.25
            }
        }
        try spec.validate()
        #expect(try JSONDecoder().decode(StrategySpec.self, from: JSONEncoder().encode(spec)) == spec)
        #expect(
            try decoded(#"{"aggregator": "\#(name.rawValue)"}"#) == StrategySpec(aggregator: AggregatorSpec(name: name))
        )
    }

    /// Runs that were begun before there was a choice keep their text.
    @Test func theWeightedMeanIsNotWritten() throws {
        let text = String(decoding: try JSONEncoder().encode(StrategySpec()), as: UTF8.self)
        #expect(!text.contains("aggregator"))
        #expect(try decoded("{}").aggregator == AggregatorSpec())
    }

    @Test func countsOfExamplesCountOnlyWhereTheyAreAskedFor() throws {
        #expect(try decoded(#"{"aggregator": "weighted-mean"}"#).weighting == .examples)
        #expect(try decoded(#"{"aggregator": "trimmed-mean"}"#).weighting == .uniform)
        #expect(try decoded(#"{"aggregator": "trimmed-mean", "weighting": "examples"}"#).weighting == .examples)
        let spec = try decoded(#"{"aggregator": "krum", "weighting": "examples"}"#)
        let error = #expect(throws: StrategyError(.invalidSpecification, "")) { try spec.validate() }
        #expect(error?.message.hasPrefix("strategy.weighting: with krum") == true)
    }

    @Test(arguments: [
        #"{"aggregator": "media"}"#, #"{"aggregator": {"name": "median", "trim": 0.1}}"#,
        #"{"aggregator": {"trim": 0.1}}"#, #"{"aggregator": {"name": "krum", "attackers": "two"}}"#,
    ]) func whatIsNoAggregatorIsRefused(_ text: String) {
        #expect(throws: DecodingError.self) { try decoded(text) }
    }

    @Test(arguments: [
        AggregatorSpec(name: .trimmedMean, trim: 0.5), AggregatorSpec(name: .trimmedMean, trim: -0.1),
        AggregatorSpec(name: .trimmedMean, trim: 1.5), AggregatorSpec(name: .trimmedMean, trim: .nan),
        AggregatorSpec(name: .krum, attackers: -1), AggregatorSpec(name: .multiKrum, keep: 0),
        AggregatorSpec(name: .geometricMedian, iterations: 0), AggregatorSpec(name: .geometricMedian, smoothing: 0),
        AggregatorSpec(name: .normClipping, bound: 0), AggregatorSpec(name: .normClipping, bound: .infinity),
        AggregatorSpec(name: .signVote, step: 0), AggregatorSpec(name: .median, attackers: 3),
    ]) func settingsAreChecked(_ spec: AggregatorSpec) {
        let error = #expect(throws: StrategyError(.invalidSpecification, "")) { try spec.validate() }
        #expect(error?.message.hasPrefix("strategy.aggregator.") == true)
    }
}
