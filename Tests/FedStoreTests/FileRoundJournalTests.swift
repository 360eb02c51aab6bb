// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import Synchronization
import Testing

@Suite struct FileRoundJournalTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/000001.journal"
    }

    private func open(_ path: String) throws -> FileRoundJournal {
        try FileRoundJournal(path: path, run: RunID("r1"), round: RoundID(1))
    }

    /// A closed journal with these updates, and where each record ends.
    private func write(_ updates: [ClientUpdate]) async throws -> (bytes: [UInt8], ends: [Int]) {
        let journal = try open(path)
        var ends = [16]
        for update in updates {
            try await journal.append(update)
            ends.append(try TemporaryDirectory.read(path).count)
        }
        await journal.close()
        return (try TemporaryDirectory.read(path), ends)
    }

    @Test func aTornTailAtAnyByteIsCutOff() async throws {
        let updates = try (1...3).map { try StoreFixture.update($0, payloadBytes: 50) }
        let (bytes, ends) = try await write(updates)
        for length in ends[2]..<bytes.count {
            let torn = directory.path + "/torn"
            try TemporaryDirectory.write(Array(bytes[..<length]), to: torn)
            let journal = try open(torn)
            #expect(journal.recovery == JournalRecovery(recordCount: 2, tornBytes: length - ends[2]))
            #expect(try TemporaryDirectory.read(torn).count == ends[2])
            if length % 37 == 0 || length == bytes.count - 1 {
                try await journal.append(updates[2])
                #expect(try await StoreFixture.updates(journal).map(\.exampleCount) == [1, 2, 3])
            }
        }
    }

    @Test func aTornFileHeaderIsAnEmptyJournal() throws {
        for length in 0..<16 {
            try TemporaryDirectory.write([UInt8](repeating: 70, count: length), to: path)
            #expect(try open(path).recovery == JournalRecovery(recordCount: 0, tornBytes: length))
        }
        try TemporaryDirectory.write([UInt8](repeating: 0, count: 4096), to: path)
        #expect(try open(path).recovery == JournalRecovery(recordCount: 0, tornBytes: 4096))
        try TemporaryDirectory.write([UInt8](repeating: 1, count: 4096), to: path)
        #expect(throws: StoreError(.corrupt, "")) { try open(path) }
    }

    @Test func damageBeforeAcknowledgedUpdatesIsAnError() async throws {
        let updates = try (1...3).map { try StoreFixture.update($0, payloadBytes: 50) }
        let (bytes, ends) = try await write(updates)
        for index in 16..<ends[2] {
            var damaged = bytes
            damaged[index] ^= 0x10
            try TemporaryDirectory.write(damaged, to: path)
            #expect(throws: StoreError(.corrupt, ""), "byte \(index)") { try open(path) }
            #expect(try TemporaryDirectory.read(path) == damaged)
        }
        // In the last record nothing vouches for the bytes: they may be a torn append.
        for index in ends[2]..<bytes.count {
            var damaged = bytes
            damaged[index] ^= 0x10
            try TemporaryDirectory.write(damaged, to: path)
            #expect(try open(path).recovery.recordCount == 2)
        }
    }

    @Test func aPayloadCannotPoseAsARecord() async throws {
        // The payload of a torn record is a whole journal with other salt.
        let inner = try await write((1...3).map { try StoreFixture.update($0) })
        var update = try StoreFixture.update(4)
        update.payload = inner.bytes
        let outerPath = directory.path + "/outer"
        let outer = try open(outerPath)
        try await outer.append(update)
        await outer.close()
        let bytes = try TemporaryDirectory.read(outerPath)
        try TemporaryDirectory.write(Array(bytes.dropLast()), to: outerPath)
        #expect(try open(outerPath).recovery == JournalRecovery(recordCount: 0, tornBytes: bytes.count - 17))
    }

    @Test func aJournalOfALaterRoundOrAnotherRunIsAnError() async throws {
        _ = try await write([StoreFixture.update(1)])
        for (run, round) in [("r1", 0), ("r2", 1)] {
            #expect(throws: StoreError(.corrupt, "")) {
                try FileRoundJournal(path: path, run: RunID(run), round: RoundID(round))
            }
        }
    }

    @Test func concurrentAppendsAreAllThere() async throws {
        let journal = try open(path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...64 {
                let update = try StoreFixture.update(number, payloadBytes: number % 8 == 0 ? 100_000 : 10)
                group.addTask { try await journal.append(update) }
            }
            try await group.waitForAll()
        }
        let read = try await StoreFixture.updates(journal)
        #expect(Set(read.map(\.exampleCount)) == Set(1...64))
        for update in read {
            let sent = try StoreFixture.update(update.exampleCount, payloadBytes: update.payload.count)
            #expect(update.payload == sent.payload)
        }
    }

    @Test func appendsThatWaitShareOneSynchronization() async throws {
        let entered = Mutex(false)
        let gate = DispatchSemaphore(value: 0)
        let journal = try FileRoundJournal(path: path, run: RunID("r1"), round: RoundID(1)) { file, bytes, offset in
            if !entered.withLock({ entered in
                defer { entered = true }; return entered
            }) {
                gate.wait()
            }
            return pwrite(file, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count ? 0 : EIO
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let first = try StoreFixture.update(1)
            group.addTask { try await journal.append(first) }
            while !entered.withLock({ $0 }) { await Task.yield() }
            for number in 2...64 {
                let update = try StoreFixture.update(number)
                group.addTask { try await journal.append(update) }
            }
            while journal.pendingCount < 63 { await Task.yield() }
            gate.signal()
            try await group.waitForAll()
        }
        #expect(journal.synchronizationCount == 2)
        #expect(try await StoreFixture.updates(journal).count == 64)
    }

    @Test(arguments: [0, 1, 20, 300, 1000]) func aFullDiskLosesNothing(_ room: Int) async throws {
        let left = Mutex(Int.max)
        let journal = try FileRoundJournal(path: path, run: RunID("r1"), round: RoundID(1)) { file, bytes, offset in
            let allowed = left.withLock { left -> Int in
                let allowed = min(left, bytes.count)
                left -= allowed
                return allowed
            }
            _ = pwrite(file, bytes.baseAddress, allowed, off_t(offset))
            return allowed == bytes.count ? 0 : ENOSPC
        }
        try await journal.append(StoreFixture.update(1))
        let before = try TemporaryDirectory.read(path)
        left.withLock { $0 = room }
        let error = await #expect(throws: StoreError(.diskFull, "")) {
            try await journal.append(StoreFixture.update(2, payloadBytes: 2000))
        }
        #expect(error?.message.contains("no space is left") == true)
        #expect(try TemporaryDirectory.read(path) == before)
        left.withLock { $0 = .max }
        try await journal.append(StoreFixture.update(3))
        #expect(try await StoreFixture.updates(journal).map(\.exampleCount) == [1, 3])
        await journal.close()
        #expect(try open(path).recovery == JournalRecovery(recordCount: 2, tornBytes: 0))
    }

    /// Some file systems say only when a file is synchronised that there is no room.
    @Test(arguments: [0, 1]) func aDiskThatIsFullAtTheSynchronizationLosesNothing(_ before: Int) async throws {
        let isFull = Mutex(false)
        let journal = try FileRoundJournal(
            path: path, run: RunID("r1"), round: RoundID(1),
            write: { file, bytes, offset in
                pwrite(file, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count ? 0 : EIO
            }, synchronize: { file in isFull.withLock { $0 } ? EDQUOT : fdatasync(file) })
        if before == 1 { try await journal.append(StoreFixture.update(1)) }
        let bytes = try TemporaryDirectory.read(path)
        isFull.withLock { $0 = true }
        for _ in 1...2 {
            await #expect(throws: StoreError(.diskFull, "")) { try await journal.append(StoreFixture.update(2)) }
            #expect(try TemporaryDirectory.read(path) == bytes)
        }
        isFull.withLock { $0 = false }
        try await journal.append(StoreFixture.update(3))
        #expect(try await StoreFixture.updates(journal).map(\.exampleCount) == (before == 1 ? [1, 3] : [3]))
        await journal.close()
        #expect(try open(path).recovery == JournalRecovery(recordCount: before + 1, tornBytes: 0))
    }

    @Test func aDiskThatFailedIsNotUsedAgain() async throws {
        let journal = try FileRoundJournal(
            path: path, run: RunID("r1"), round: RoundID(1),
            write: { file, bytes, offset in
                pwrite(file, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count ? 0 : EIO
            }, synchronize: { _ in EIO })
        for _ in 1...2 {
            await #expect(throws: StoreError(.failed, "")) { try await journal.append(StoreFixture.update(1)) }
        }
        #expect(journal.synchronizationCount == 1)
    }

    @Test func aCursorSeesWhatWasDurableWhenItWasMade() async throws {
        let journal = try open(path)
        try await journal.append(StoreFixture.update(1))
        let cursor = try await journal.cursor()
        try await journal.append(StoreFixture.update(2))
        #expect(try await cursor.next()?.exampleCount == 1)
        #expect(try await cursor.next() == nil)
        #expect(try await cursor.next() == nil)
    }

    @Test func nothingIsAcknowledgedUnlessTheNameIsDurable() async throws {
        let directories = Mutex<[String]>([])
        let journal = try FileRoundJournal(
            path: path, run: RunID("r1"), round: RoundID(1),
            write: { file, bytes, offset in
                pwrite(file, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count ? 0 : EIO
            },
            synchronizeDirectory: { (directory) throws(StoreError) in
                directories.withLock { $0.append(directory) }
                throw StoreError(.failed, "the disk failed")
            })
        for number in 1...2 {
            await #expect(throws: StoreError(.failed, "")) {
                try await journal.append(StoreFixture.update(number))
            }
        }
        #expect(directories.withLock { $0 } == [directory.path + "/"])
        #expect(try await StoreFixture.updates(journal).isEmpty)
    }
}
