// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct PartitionSummaryTests {
    static func data() throws -> Dataset {
        try Dataset(
            name: "t", input: InputShape(channels: 1, height: 1, width: 1), classes: 3,
            values: .bytes([0, 1, 2, 3, 4, 5]), labels: [0, 0, 1, 1, 2, 2],
            attributes: [ExampleAttribute(name: "site", values: ["a", "b"], codes: [0, 1, 0, 1, 1, 1])])
    }

    @Test func countsWhatPartsHold() throws {
        let summary = PartitionSummary(of: try Self.data(), parts: [[0, 2], [1], [3, 4]])
        #expect(summary.parts.map(\.examples) == [2, 1, 2])
        #expect(summary.parts.map(\.labels) == [[1, 1, 0], [1, 0, 0], [0, 1, 1]])
        #expect(summary.parts.map(\.attributes) == [[[2, 0]], [[0, 1]], [[0, 2]]])
        #expect(summary.parts.map(\.classes) == [2, 1, 2])
        #expect(summary.unused == 1)
        #expect(summary.examples == 5)
        #expect(summary.labels == [2, 2, 1])
        #expect(summary.sizes == (1, 2, 2))
    }

    @Test func labelDistanceIsZeroForEqualPartsAndGrowsWithUnlikeness() throws {
        let data = try Self.data()
        #expect(PartitionSummary(of: data, parts: [[0, 2, 4], [1, 3, 5]]).labelDistance == 0)
        // Each part holds one class of three: two thirds would have to change.
        #expect(abs(PartitionSummary(of: data, parts: [[0, 1], [2, 3], [4, 5]]).labelDistance - 2.0 / 3) < 1e-12)
        // By hand: pooled (2, 2, 2)/6; parts (2, 1, 0) and (0, 1, 2) each 1/3 away.
        #expect(abs(PartitionSummary(of: data, parts: [[0, 1, 2], [3, 4, 5]]).labelDistance - 1.0 / 3) < 1e-12)
        #expect(PartitionSummary(of: data, parts: []).labelDistance == 0)
    }
}
