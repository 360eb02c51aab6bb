// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStrategies
import Testing

@Suite struct DualStatisticsTests {
    /// What stays with a worker of a model with two dual batch norms of 3 and 5 channels, `bases` times.
    static func layout(bases: Int = 1) throws -> ModelLayout {
        let tensors = (0..<bases).flatMap { base in
            [3, 5].flatMap { count in
                let name = "base.\(base)/bn\(count)"
                let affine = [
                    ParameterSpec(name: "\(name).weight", shape: [count], role: .normScale),
                    ParameterSpec(name: "\(name).bias", shape: [count], role: .normShift),
                ]
                let sets = [(name, ParameterRole.cleanStatistics), ("\(name).adversarial", .adversarialStatistics)]
                return affine
                    + sets.flatMap { name, role in
                        ["mean", "var"].map { ParameterSpec(name: "\(name).running_\($0)", shape: [count], role: role) }
                    }
            }
        }
        return try ModelLayout(tensors)
    }

    static func values(_ key: UInt64, bases: Int = 1) throws -> [Float] {
        var generator = SeededGenerator(key: key)
        return try (0..<layout(bases: bases).count).map { _ in 0.1 + generator.nextUnitFloat() }
    }

    private static func tensor(_ name: String, of values: [Float], _ layout: ModelLayout) throws -> [Float] {
        let index = try #require(layout.parameters.firstIndex { $0.name == name })
        return Array(values[layout.segments[index]])
    }

    @Test func bothSetsAreFoundAmongTheOthers() throws {
        let layout = try Self.layout()
        let values = try Self.values(1)
        let statistics = DualStatistics(layout)
        let shared = try statistics.shared(of: values, isAdversarial: true)
        let names = ["bn3.running_mean", "bn3.running_var", "bn5.running_mean", "bn5.running_var"]
        let clean = try names.flatMap { try Self.tensor("base.0/\($0)", of: values, layout) }
        let adversarial = try names.flatMap {
            try Self.tensor("base.0/" + $0.replacing(".running", with: ".adversarial.running"), of: values, layout)
        }
        #expect(shared.clean.values == clean && shared.clean.layout == statistics.cleanLayout)
        #expect(shared.adversarial?.values == adversarial && statistics.adversarialLayout.count == clean.count)
        #expect(try statistics.shared(of: values, isAdversarial: false).adversarial == nil)
    }

    /// What was overwritten is found again to the bit, and nothing else has moved.
    @Test func onlyAdversarialStatisticsAreOverwritten() throws {
        let layout = try Self.layout()
        let statistics = DualStatistics(layout)
        let values = try Self.values(1)
        let other = try #require(try statistics.shared(of: Self.values(2), isAdversarial: true).adversarial)
        var own = values
        try statistics.replaceAdversarial(in: &own, by: other)
        #expect(try statistics.shared(of: own, isAdversarial: true).adversarial == other)
        for (parameter, segment) in zip(layout.parameters, layout.segments) {
            let isSame = own[segment] == values[segment]
            #expect(isSame == (parameter.role != .adversarialStatistics), "\(parameter.name)")
        }
    }

    @Test func otherShapesAndBrokenValuesAreRefused() throws {
        let statistics = DualStatistics(try Self.layout())
        var own = try Self.values(1)
        let before = own
        let short = try ParameterVector(
            layout: ModelLayout([ParameterSpec(name: "m", shape: [16], role: .adversarialStatistics)]),
            values: [Float](repeating: 1, count: 16))
        #expect(throws: StrategyError(.invalidState, "")) { try statistics.replaceAdversarial(in: &own, by: short) }
        #expect(own == before)
        own[6] = .nan
        #expect(throws: StrategyError(.invalidState, "")) { try statistics.shared(of: own, isAdversarial: true) }
    }
}
