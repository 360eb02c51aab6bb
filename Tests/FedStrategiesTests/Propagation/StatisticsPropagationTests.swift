// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Foundation
import Testing

/// The exact checks of FedRBN (Hong et al., AAAI 2023) on propagation.
@Suite struct StatisticsPropagationTests {
    /// Statistics of two layers, drawn at random; variances are above 0.
    static func statistics(
        _ key: UInt64, role: ParameterRole = .cleanStatistics, prefix: String = ""
    ) throws -> ParameterVector {
        let layout = try ModelLayout([
            ParameterSpec(name: "bn1\(prefix).running_mean", shape: [3], role: role),
            ParameterSpec(name: "bn1\(prefix).running_var", shape: [3], role: role),
            ParameterSpec(name: "bn2\(prefix).running_mean", shape: [5], role: role),
            ParameterSpec(name: "bn2\(prefix).running_var", shape: [5], role: role),
        ])
        var generator = SeededGenerator(key: key)
        var values = (0..<layout.count).map { _ in 2 * generator.nextUnitFloat() - 1 }
        for (parameter, segment) in zip(layout.parameters, layout.segments)
        where parameter.name.hasSuffix(".running_var") {
            for index in segment { values[index] = 0.01 + abs(values[index]) }
        }
        return try ParameterVector(layout: layout, values: values)
    }

    static func adversarial(_ key: UInt64) throws -> ParameterVector {
        try statistics(key, role: .adversarialStatistics, prefix: ".adversarial")
    }

    /// A plane vector at an angle whose cosine to (1, 0) is `cosine`.
    private static func turned(_ cosine: Double) throws -> ParameterVector {
        try ParameterVector(
            layout: ModelLayout([ParameterSpec(name: "m.running_mean", shape: [2], role: .cleanStatistics)]),
            values: [Float(cosine), Float((1 - cosine * cosine).squareRoot())])
    }

    /// Similarities of .99, .97 and .90 at T = 0.01 give .881, .119 and .0001.
    @Test func theExampleOfThePaper() throws {
        let weights = try StatisticsPropagation().weights(
            of: [0.99, 0.97, 0.90].map(Self.turned), for: Self.turned(1))
        for (weight, expected) in zip(weights, [0.8807, 0.1192, 0.0001]) { #expect(abs(weight - expected) < 1e-4) }
    }

    @Test func weightsAreOneForAllLayersAndAddUpToOne() throws {
        for key in 0..<50 as Range<UInt64> {
            let sources = try (1...7).map { try Self.statistics(1000 * key + $0) }
            for rule in [StatisticsPropagation(), StatisticsPropagation(temperature: 1), .init(weighting: .uniform)] {
                let weights = try rule.weights(of: sources, for: Self.statistics(key))
                #expect(weights.count == 7 && weights.allSatisfy { (0...1).contains($0) })
                #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
            }
        }
    }

    @Test func anotherOrderGivesTheSameBitsInThatOrder() throws {
        let sources = try (1...9).map { try Self.statistics($0) }
        let receiver = try Self.statistics(77)
        let weights = StatisticsPropagation(temperature: 0.1).weights(of: sources, for: receiver)
        var generator = SeededGenerator(key: 5)
        for _ in 0..<100 {
            var order = Array(sources.indices)
            generator.shuffle(&order)
            let permuted = StatisticsPropagation(temperature: 0.1).weights(of: order.map { sources[$0] }, for: receiver)
            #expect(permuted == order.map { weights[$0] })
        }
    }

    @Test func equalCleanStatisticsGiveUniformWeights() throws {
        let clean = try Self.statistics(3)
        let uniform = [Double](repeating: 1 / 3, count: 3)
        for receiver in try [clean, Self.statistics(4)] {
            #expect(StatisticsPropagation().weights(of: [clean, clean, clean], for: receiver) == uniform)
        }
        let sources = try (1...3).map { try Self.statistics($0) }
        #expect(StatisticsPropagation(weighting: .uniform).weights(of: sources, for: clean) == uniform)
        #expect(StatisticsPropagation().weights(of: sources, for: nil) == uniform)
    }

    /// Means that never moved are all zeros: a direction of their own, and no division by 0.
    @Test func zerosAreLikeZerosOnly() throws {
        let zeros = try Self.turned(1).difference(from: Self.turned(1))
        let weights = try StatisticsPropagation(temperature: 1).weights(of: [zeros, Self.turned(1)], for: zeros)
        #expect(abs(weights[0] / weights[1] - exp(1)) < 1e-12)
        #expect(try StatisticsPropagation().weights(of: [Self.turned(0.5)], for: zeros) == [1])
    }
}
