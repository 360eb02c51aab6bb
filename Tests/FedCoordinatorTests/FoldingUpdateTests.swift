// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStrategies
import Testing

@Suite struct FoldingUpdateTests {
    /// Large enough for payloads of many parts; every role.
    private static func layout() throws -> ModelLayout {
        let sizes = [70_000, 3, 12_345, 1, 40, 90_001]
        return try ModelLayout(
            zip(sizes, ParameterRole.allCases).enumerated().map { index, entry in
                ParameterSpec(name: "layer\(index).x", shape: [entry.0], role: entry.1)
            })
    }

    private static func change(_ layout: ModelLayout, key: UInt64) throws -> ParameterVector {
        var generator = SeededGenerator(key: key)
        return try ParameterVector(
            layout: layout, values: (0..<layout.count).map { _ in generator.nextUnitFloat() - 0.5 })
    }

    private static func chunks(_ payload: [UInt8], key: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(key: key)
        var chunks: [[UInt8]] = []
        var rest = payload[...]
        while !rest.isEmpty {
            let count = min(rest.count, 1 + generator.nextIndex(below: 30_000))
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    @Test(arguments: CodecRegistry.names) func foldsWhatDecodingGives(_ name: String) throws {
        let codec = try CodecRegistry.codec(CodecID(name))
        let layout = try Self.layout()
        let change = try Self.change(layout, key: 1)
        let payload = try codec.encode(change, generator: SeededGenerator(key: 2))
        var expected = try WeightedMeanAggregator().begin(count: layout.count, weightBound: 10)
        try expected.add(codec.decode(payload, layout: layout).values, weight: 7)

        var aggregation = try WeightedMeanAggregator().begin(count: layout.count, weightBound: 10)
        let update = FoldingUpdate(codec: codec, layout: layout, byteCount: payload.count, weight: 7)
        for chunk in Self.chunks(payload, key: 3) { update.push(chunk, into: &aggregation) }
        update.finish()
        try aggregation.count(weight: 7)
        #expect(update.failure == nil)
        #expect(update.payload == payload)
        #expect(aggregation.finish() == expected.finish())
    }

    /// Whatever breaks, and wherever: what is taken back leaves the sum as it was.
    @Test(arguments: CodecRegistry.names) func whatIsTakenBackLeavesNoTrace(_ name: String) throws {
        let codec = try CodecRegistry.codec(CodecID(name))
        let layout = try Self.layout()
        let good = try Self.change(layout, key: 4)
        var aggregation = try WeightedMeanAggregator().begin(count: layout.count, weightBound: 1000)
        try aggregation.add(good.values, weight: 5)
        let before = aggregation.finish()
        let payload = try codec.encode(Self.change(layout, key: 5), generator: SeededGenerator(key: 6))
        var generator = SeededGenerator(key: 7)
        for attempt in 0..<12 {
            var damaged = payload
            switch attempt % 4 {
            case 0: damaged.removeLast(1 + generator.nextIndex(below: payload.count))
            case 1: damaged[generator.nextIndex(below: payload.count)] = 0xFF
            case 2: damaged.append(0)
            default: break  // whole, but its transfer or its journal fails
            }
            let update = FoldingUpdate(codec: codec, layout: layout, byteCount: damaged.count, weight: 9)
            for chunk in Self.chunks(damaged, key: UInt64(attempt)) { update.push(chunk, into: &aggregation) }
            update.finish()
            if attempt % 4 == 0 || attempt % 4 == 2 { #expect(update.failure?.code == .undecodable) }
            update.takeBack(from: &aggregation)
            #expect(aggregation.finish() == before)
        }
        #expect(aggregation.contributions == 1)
    }

    @Test func aValueOutOfBoundsIsTheWorkersFault() throws {
        let layout = try Self.layout()
        var change = try Self.change(layout, key: 8)
        change.withMutableValues { $0[layout.count - 1] = 5000 }
        let codec = DenseFloat32Codec()
        let payload = try codec.encode(change, generator: SeededGenerator(key: 1))
        var aggregation = try WeightedMeanAggregator().begin(count: layout.count, weightBound: 10)
        let update = FoldingUpdate(codec: codec, layout: layout, byteCount: payload.count, weight: 1)
        update.push(payload, into: &aggregation)
        #expect(update.failure?.code == .badValues)
        update.takeBack(from: &aggregation)
        #expect(aggregation.finish().allSatisfy { $0 == 0 })
    }
}
