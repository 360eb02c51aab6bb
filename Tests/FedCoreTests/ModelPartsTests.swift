// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Testing

@Suite struct ModelPartsTests {
    private static func layout() throws -> ModelLayout {
        try ModelLayout([
            ParameterSpec(name: "conv.weight", shape: [2], role: .weight),
            ParameterSpec(name: "bn.weight", shape: [1], role: .normScale),
            ParameterSpec(name: "bn.bias", shape: [1], role: .normShift),
            ParameterSpec(name: "bn.running_mean", shape: [1], role: .cleanStatistics),
            ParameterSpec(name: "fc.weight", shape: [3], role: .weight),
            ParameterSpec(name: "bn2.running_mean", shape: [2], role: .cleanStatistics),
        ])
    }

    private static let values: [Float] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

    @Test(
        arguments: [
            (ParameterRole.normalization, [0, 1, 5, 6, 7], [2, 3, 4, 8, 9]),
            (ParameterRole.statistics, [0, 1, 2, 3, 5, 6, 7], [4, 8, 9]),
            ([.weight], [2, 3, 4, 8, 9], [0, 1, 5, 6, 7]), ([], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], []),
        ] as [(Set<ParameterRole>, [Float], [Float])])
    func divideByRoles(_ roles: Set<ParameterRole>, _ travelling: [Float], _ own: [Float]) throws {
        let parts = ModelParts(try Self.layout(), keeping: roles)
        #expect(parts.travelling.count == travelling.count && parts.own.count == own.count)
        #expect(parts.own.parameters.allSatisfy { roles.contains($0.role) })
        #expect(parts.travelling(of: Self.values) == travelling)
        #expect(parts.own(of: Self.values) == own)
        #expect(parts.joined(travelling, own: own) == Self.values)
        #expect(parts.isWhole == own.isEmpty)
    }
}
