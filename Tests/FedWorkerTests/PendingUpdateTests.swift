// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWorker
import Foundation
import Testing

@Suite struct PendingUpdateTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-\(UUID())")
    let identity: RunIdentity

    init() throws { identity = RunIdentity(of: try RunFolderTests.run()) }

    func update(_ payload: [UInt8], round: Int = 3, loss: Double = 0.5) throws -> ClientUpdate {
        ClientUpdate(
            worker: try WorkerID("w"), run: try RunID("r-1"), round: RoundID(round), baseVersion: ModelVersion(2),
            codec: CodecID("ternary"), payload: payload, exampleCount: 17,
            metrics: TrainingMetrics(loss: loss, accuracy: 0.25, seconds: 1))
    }

    @Test func isReadBackAndReplacedAndForgotten() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let worker = try WorkerID("w")
        #expect(PendingUpdate.load(from: folder, worker: worker, of: identity)?.update == nil)
        let first = try update([0, 10, 13, 255, 10])
        try PendingUpdate(first).save(in: folder, of: identity)
        #expect(PendingUpdate.load(from: folder, worker: worker, of: identity)?.update == first)
        let second = try update([], round: 4)
        try PendingUpdate(second).save(in: folder, of: identity)
        #expect(PendingUpdate.load(from: folder, worker: worker, of: identity)?.update == second)
        PendingUpdate.remove(from: folder)
        #expect(PendingUpdate.load(from: folder, worker: worker, of: identity)?.update == nil)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func metricsThatAreNoNumbersAreKept(loss: Double) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try PendingUpdate(try update([1, 2], loss: loss)).save(in: folder, of: identity)
        let kept = try #require(PendingUpdate.load(from: folder, worker: try WorkerID("w"), of: identity)?.update)
        #expect(kept.metrics.loss.isNaN == loss.isNaN)
        #expect(loss.isNaN || kept.metrics.loss == loss)
        #expect(kept.metrics.accuracy == 0.25)
        #expect(kept.payload == [1, 2])
    }

    @Test func nothingElseIsLeftBehind() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try PendingUpdate(try update([1])).save(in: folder, of: identity)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pending-update"])
    }

    @Test func anUpdateOfAnotherRunOfTheNameCountsAsNone() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let worker = try WorkerID("w")
        try PendingUpdate(try update([1, 2, 3])).save(in: folder, of: identity)
        #expect(PendingUpdate.load(from: folder, worker: worker, of: identity) != nil)
        for other in [try RunFolderTests.run(seed: 4), try RunFolderTests.run(own: 2)] {
            #expect(PendingUpdate.load(from: folder, worker: worker, of: RunIdentity(of: other)) == nil)
        }
    }

    /// Older versions wrote the run's name only.
    @Test func aFileWithoutAnIdentityGoesByTheName() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let kept = try update([1, 2, 3])
        try PendingUpdate(kept).save(in: folder, of: identity)
        let file = folder.appendingPathComponent("pending-update")
        let whole = try Data(contentsOf: file)
        let end = try #require(whole.firstIndex(of: UInt8(ascii: "\n")))
        var header = try #require(JSONSerialization.jsonObject(with: whole[..<end]) as? [String: Any])
        #expect(header.removeValue(forKey: "identity") != nil)
        try (JSONSerialization.data(withJSONObject: header) + whole[end...]).write(to: file)
        #expect(PendingUpdate.load(from: folder, worker: try WorkerID("w"), of: identity)?.update == kept)
    }

    @Test func aFileThatWasCutShortCountsAsNone() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try PendingUpdate(try update([1, 2, 3, 4, 5])).save(in: folder, of: identity)
        let file = folder.appendingPathComponent("pending-update")
        let whole = try Data(contentsOf: file)
        for length in 0..<whole.count {
            try whole[..<length].write(to: file)
            #expect(PendingUpdate.load(from: folder, worker: try WorkerID("w"), of: identity)?.update == nil)
        }
    }

    @Test func aDamagedPayloadCountsAsNone() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try PendingUpdate(try update([1, 2, 3, 4, 5])).save(in: folder, of: identity)
        let file = folder.appendingPathComponent("pending-update")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 2] ^= 1
        try bytes.write(to: file)
        #expect(PendingUpdate.load(from: folder, worker: try WorkerID("w"), of: identity)?.update == nil)
    }

    @Test func aDirectoryThatCannotBeWrittenIsNamed() throws {
        let error = #expect(throws: WorkerError(.state, "")) {
            try PendingUpdate(try update([1])).save(in: URL(fileURLWithPath: "/proc/nowhere"), of: identity)
        }
        #expect(error?.message.contains("/proc/nowhere") == true)
    }
}
