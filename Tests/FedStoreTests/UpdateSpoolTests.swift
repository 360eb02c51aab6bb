// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Testing

@Suite struct UpdateSpoolTests {
    private static func row(_ number: Int, of count: Int) -> [Float] {
        (0..<count).map { Float(number * 10_000 + $0) }
    }

    /// Blocks of any size hold the rows that are asked for, in that order, and nothing stays in the folder.
    @Test(arguments: [0, 1, 255, 256, 257, 5000], [1, 1 << 12, 1 << 26])
    func blocksHoldTheRows(_ count: Int, _ bytes: Int) throws {
        let folder = try TemporaryDirectory()
        let spool = try UpdateSpool(parameterCount: count, folder: folder.path + "/new", blockBytes: bytes)
        for number in [3, 0, 2, 1] { try spool.write(Self.row(number, of: count), row: number) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new").isEmpty)
        let blocks = spool.blocks(of: [(0, 5), (3, 7), (2, 1)])
        #expect(blocks.weights == [5, 7, 1])
        for _ in 0..<2 {
            var seen = [[Float]](repeating: [], count: 3)
            try blocks.forEachBlock { entries, values in
                #expect(entries.lowerBound == seen[0].count && entries.lowerBound % UpdateBlockSize.granularity == 0)
                #expect(values.count == 3 * entries.count)
                for place in 0..<3 { seen[place] += values[(place * entries.count)..<((place + 1) * entries.count)] }
                values.update(repeating: 0)
            }
            #expect(seen == [0, 3, 2].map { Self.row($0, of: count) })
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() {
        #expect(throws: StoreError.self) { try UpdateSpool(parameterCount: 1, folder: "/proc/none") }
    }
}
