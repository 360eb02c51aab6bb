// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedStore
import Foundation
import Testing

/// What of shared statistics is on disk.
@Suite struct StatisticsFilesTests {
    private static func record(_ name: String, round: Int = 1) throws -> StatisticsExchange.Record {
        StatisticsExchange.Record(
            worker: try WorkerID(name), round: RoundID(round), scope: .wholeModel,
            statistics: WorkerStatistics(clean: [1, Float(round)], adversarial: [0.1, .leastNonzeroMagnitude]))
    }

    private static func withFolder(_ body: (String, StatisticsFiles) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("statistics-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder, StatisticsFiles(in: folder))
    }

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// A killed coordinator goes back by one model.
    @Test func thoseOfTheLastTwoModelsAreKept() throws {
        try Self.withFolder { folder, files in
            for version in 1...4 { try files.write([Self.record("a", round: version)], of: ModelVersion(version)) }
            #expect(try Self.names(folder) == ["statistics-3.json", "statistics-4.json"])
            #expect(try files.records(of: ModelVersion(3)) == [Self.record("a", round: 3)])
            // Back to model 3, and on from there.
            try files.write([], of: ModelVersion(4))
            #expect(try files.records(of: ModelVersion(3)) == [Self.record("a", round: 3)])
            files.removeAll()
            #expect(try Self.names(folder).isEmpty)
        }
    }

    @Test func whoHasWithdrawnIsInNoFile() throws {
        try Self.withFolder { folder, files in
            #expect(try files.withdrawn().isEmpty)
            try files.write([Self.record("a"), Self.record("b")], of: ModelVersion(1))
            try files.write([Self.record("b"), Self.record("a", round: 2)], of: ModelVersion(2))
            try files.withdraw([WorkerID("a"), WorkerID("c")])
            #expect(try files.withdrawn() == [WorkerID("a"), WorkerID("c")])
            for version in 1...2 {
                #expect(try files.records(of: ModelVersion(version)) == [Self.record("b")])
                let text = try String(contentsOfFile: "\(folder)/statistics-\(version).json", encoding: .utf8)
                #expect(!text.contains("\"a\""))
            }
            files.removeAll()
            #expect(try Self.names(folder).isEmpty && files.withdrawn().isEmpty)
        }
    }

    @Test func whatIsDamagedOrMissingIsNamed() throws {
        try Self.withFolder { folder, files in
            try files.write([], of: ModelVersion(1))
            for name in ["statistics-1.json", "statistics-withdrawn.json"] {
                try Data("[{".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            for (version, name) in [(1, "statistics-1.json"), (2, "statistics-2.json")] {
                let error = #expect(throws: StoreError.self) { try files.records(of: ModelVersion(version)) }
                #expect(error == StoreError(.corrupt, "") && error?.description.contains(name) == true)
            }
            let error = #expect(throws: StoreError.self) { try files.withdrawn() }
            #expect(error?.description.contains("statistics-withdrawn.json cannot be read") == true)
        }
    }
}
