// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct ModelLayoutTests {
    private func weight(_ name: String, _ shape: [Int]) -> ParameterSpec {
        ParameterSpec(name: name, shape: shape, role: .weight)
    }

    @Test func tensorsLieOneAfterTheOther() throws {
        let layout = try ModelLayout([weight("a", [2, 3]), weight("b", []), weight("c", [4, 1, 1])])
        #expect(layout.segments == [0..<6, 6..<7, 7..<11])
        #expect(layout.count == 11)
        #expect(layout.parameters.map(\.count) == [6, 1, 4])
    }

    @Test func theEmptyLayoutCountsNothing() throws {
        let layout = try ModelLayout([])
        #expect(layout.count == 0)
        #expect(layout.segments.isEmpty)
    }

    @Test(arguments: [
        [0], [-1], [3, 0], [Int.min, 2], [Int.max], [Int.max, Int.max], [1 << 32, 2], [1 << 16, 1 << 17],
        [-1, -1], [1 << 33], [3, Int.max / 2], [Int.min, Int.min],
    ]) func hostileDimensionsAreRefused(_ shape: [Int]) {
        #expect(throws: CoreError(.invalidLayout, "")) { try ModelLayout([weight("a", shape)]) }
    }

    @Test func theSumOfTensorsIsBounded() throws {
        let half = weight("a", [1 << 31])
        #expect(try ModelLayout([half, weight("b", [1 << 31])]).count == ModelLayout.maximumCount)
        #expect(throws: CoreError(.invalidLayout, "")) {
            try ModelLayout([half, weight("b", [1 << 31]), weight("c", [1])])
        }
        #expect(throws: CoreError(.invalidLayout, "")) {
            try ModelLayout((0..<3).map { weight("\($0)", [1 << 32]) })
        }
    }

    @Test func namesAreCheckedAndUnique() throws {
        #expect(throws: CoreError(.invalidLayout, "")) { try ModelLayout([weight("", [1])]) }
        #expect(throws: CoreError(.invalidLayout, "")) { try ModelLayout([weight("a", [1]), weight("a", [2])]) }
        let longest = String(repeating: "x", count: ModelLayout.maximumNameLength)
        #expect(try ModelLayout([weight(longest, [1])]).count == 1)
        #expect(throws: CoreError(.invalidLayout, "")) { try ModelLayout([weight(longest + "x", [1])]) }
        // 129 letters of two bytes each.
        #expect(throws: CoreError(.invalidLayout, "")) {
            try ModelLayout([weight(String(repeating: "é", count: 129), [1])])
        }
    }

    @Test func theNumberOfTensorsIsBounded() throws {
        let tensors = (0...ModelLayout.maximumTensors).map { weight("\($0)", [1]) }
        #expect(try ModelLayout(Array(tensors.dropLast())).count == ModelLayout.maximumTensors)
        #expect(throws: CoreError(.invalidLayout, "")) { try ModelLayout(tensors) }
    }

    @Test func decodingKeepsOrderAndChecks() throws {
        let layout = try ModelLayout([
            weight("b", [2]), ParameterSpec(name: "a", shape: [3], role: .adversarialStatistics),
        ])
        #expect(try JSONDecoder().decode(ModelLayout.self, from: JSONEncoder().encode(layout)) == layout)
        let hostile = #"[{"name": "a", "shape": [4294967296, 4294967296], "role": "weight"}]"#
        #expect(throws: CoreError(.invalidLayout, "")) {
            try JSONDecoder().decode(ModelLayout.self, from: Data(hostile.utf8))
        }
    }

    @Test func aVectorHasAsManyValuesAsItsLayout() throws {
        let layout = try ModelLayout([weight("a", [3])])
        for count in [0, 2, 4] {
            #expect(throws: CoreError(.countMismatch, "")) {
                try ParameterVector(layout: layout, values: [Float](repeating: 0, count: count))
            }
        }
        var vector = try ParameterVector(layout: layout, values: [1, 2, 3])
        vector.add([1, 0, -1], scale: 2)
        #expect(vector.values == [3, 2, 1])
        #expect(try vector.difference(from: ParameterVector(layout: layout, values: [1, 2, 3])).values == [2, 0, -2])
    }
}
