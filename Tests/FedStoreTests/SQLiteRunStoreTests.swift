// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import GRDB
import Testing

@Suite struct SQLiteRunStoreTests {
    let now = StoreFixture.now
    let directory: TemporaryDirectory
    let r1: RunID

    init() throws {
        directory = try TemporaryDirectory()
        r1 = try RunID("r1")
    }

    @Test func whatWasAcknowledgedIsThereAfterACrash() async throws {
        let store = try SQLiteRunStore(directory: directory.path)
        try await store.createRun(StoreFixture.run(), now: now)
        try await store.setState(.running, of: r1, failure: nil, now: now)
        _ = try await store.saveCheckpoint(StoreFixture.checkpoint(0))
        try await store.beginRound(StoreFixture.plan(1), of: r1, attempt: 1, now: now)
        let journal = try await store.journal(of: r1, round: RoundID(1))
        for number in 1...3 { try await journal.append(StoreFixture.update(number)) }

        // The disk as a killed process leaves it: nothing was closed.
        let copy = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.path, toPath: copy.path + "/f")
        let recovered = try SQLiteRunStore(directory: copy.path + "/f")
        #expect(try await recovered.run(r1)?.state == .running)
        let open = try #require(try await recovered.openRound(of: r1))
        #expect(try open.plan == StoreFixture.plan(1))
        let again = try await recovered.journal(of: r1, round: open.round)
        #expect(again.recovery == JournalRecovery(recordCount: 3, tornBytes: 0))
        #expect(try await StoreFixture.updates(again).map(\.worker.rawValue) == ["worker-1", "worker-2", "worker-3"])
        try await again.append(StoreFixture.update(4))
        #expect(try await StoreFixture.updates(again).count == 4)
        #expect(try await recovered.checkpointVersions(of: r1) == [ModelVersion(0)])
        _ = journal
    }

    @Test func aJournalIsOpenOnce() async throws {
        let store = try SQLiteRunStore(directory: directory.path)
        try await store.createRun(StoreFixture.run(), now: now)
        let journal = try await store.journal(of: r1, round: RoundID(1))
        await #expect(throws: StoreError(.locked, "")) {
            _ = try await store.journal(of: r1, round: RoundID(1))
        }
        await journal.close()
        _ = try await store.journal(of: r1, round: RoundID(1))
        await #expect(throws: StoreError(.closed, "")) { try await journal.append(StoreFixture.update(1)) }
    }

    @Test func aDatabaseOfVersion1Opens() async throws {
        try writeVersion1()
        let store = try SQLiteRunStore(directory: directory.path)
        let run = try #require(try await store.run(r1))
        #expect(run.name == "old" && run.seed == .max && run.state == .running)
        #expect(run.created == Date(timeIntervalSince1970: 1000))
        let open = try #require(try await store.openRound(of: r1))
        #expect(open.round == RoundID(2) && open.plan.quorum == 3)
        #expect(try await store.rounds(of: r1).first?.record?.accepted.first?.exampleCount == 7)
        #expect(try await store.workers().first?.agent == "fedworker/0.1")
        // What an older version recorded has no hash; what comes after it has.
        #expect(try await RecordChain.verify(store.recordLinks(of: r1), of: run).unchained == 1)
        try await store.commitRound(StoreFixture.record(2), of: r1, next: StoreFixture.plan(3), now: now)
        let committed = try #require(try await store.run(r1))
        let head = try await RecordChain.verify(store.recordLinks(of: r1), of: committed)
        #expect(head.unchained == 1 && head.rounds == 1)
        try await store.abandonRound(RoundID(3), of: r1, reason: "test", now: now)
    }

    @Test func aDatabaseOfANewerVersionIsRefused() throws {
        try writeVersion1()
        try DatabaseQueue(path: directory.path + "/state.sqlite").write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')")
        }
        #expect(throws: StoreError(.newerSchema, "")) { try SQLiteRunStore(directory: directory.path) }
    }

    @Test func aDamagedDatabaseIsRefused() throws {
        try TemporaryDirectory.write([UInt8](repeating: 0x5A, count: 8192), to: directory.path + "/state.sqlite")
        #expect(throws: StoreError(.corrupt, "")) { try SQLiteRunStore(directory: directory.path) }
    }

    @Test func damagedRowsAreErrors() async throws {
        try writeVersion1()
        let store = try SQLiteRunStore(directory: directory.path)
        let queue = try DatabaseQueue(path: directory.path + "/state.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE rounds SET plan = '{}'") }
        await #expect(throws: StoreError(.corrupt, "")) { try await store.rounds(of: r1) }
        try await queue.write { try $0.execute(sql: "DELETE FROM rounds") }
        for damage in ["seed = 'x'", "state = 'flying'", "created = 'never'", "id = '../../etc'"] {
            try await queue.write { try $0.execute(sql: "UPDATE runs SET \(damage)") }
            await #expect(throws: StoreError(.corrupt, ""), "\(damage)") { try await store.runs() }
            try await queue.write { db in
                try db.execute(sql: "UPDATE runs SET seed = 1, state = 'running', created = 1")
            }
        }
    }

    @Test func leftoversOfAKilledProcessAreRemoved() async throws {
        let store = try SQLiteRunStore(directory: directory.path)
        _ = try await store.saveCheckpoint(StoreFixture.checkpoint(1))
        let folder = directory.path + "/runs/r1"
        for name in ["/report.json.7.tmp", "/checkpoints/000002.safetensors.7.tmp"] {
            try TemporaryDirectory.write([1, 2, 3], to: folder + name)
        }
        try await store.removeLeftovers(of: r1)
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() == [
                "checkpoints", "checkpoints/000001.safetensors",
            ])
        try await store.removeLeftovers(of: RunID("r9"))
    }

    @Test func aJournalThatIsOnlyReadStaysAsItIs() async throws {
        let store = try SQLiteRunStore(directory: directory.path)
        try await store.createRun(StoreFixture.run(), now: now)
        #expect(try await store.storedUpdates(of: r1, round: RoundID(1)) == nil)
        let journal = try await store.journal(of: r1, round: RoundID(1))
        for number in 1...3 { try await journal.append(StoreFixture.update(number)) }
        await journal.close()
        let path = directory.path + "/runs/r1/journal/000001.journal"
        let bytes = try TemporaryDirectory.read(path)
        for index in [bytes.count, 0, 20, bytes.count / 2, bytes.count - 1] {
            var damaged = bytes
            if index < bytes.count { damaged[index] ^= 1 }
            try TemporaryDirectory.write(damaged, to: path)
            func readAll() async throws -> Int {
                let cursor = try await store.storedUpdates(of: r1, round: RoundID(1))
                var count = 0
                while try await cursor?.next() != nil { count += 1 }
                return count
            }
            if index == bytes.count {
                #expect(try await readAll() == 3)
            } else {
                let error = await #expect(throws: StoreError(.corrupt, "")) { try await readAll() }
                #expect(error?.message.contains("000001.journal") == true)
            }
            #expect(try TemporaryDirectory.read(path) == damaged)
        }
    }

    @Test func aDirectoryThatCannotBeMadeSaysSo() throws {
        try TemporaryDirectory.write([1], to: directory.path + "/file")
        #expect(throws: StoreError(.unwritable, "")) { try SQLiteRunStore(directory: directory.path + "/file/store") }
    }

    @Test func aBusyDatabaseSaysSo() async throws {
        let store = try SQLiteRunStore(directory: directory.path)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.path + "/state.sqlite", configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        await #expect(throws: StoreError(.locked, "")) { try await store.createRun(StoreFixture.run(), now: now) }
        #expect(try await store.runs().isEmpty)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.createRun(StoreFixture.run(), now: now)
    }

    /// As version 1 wrote it; this text is never changed.
    private func writeVersion1() throws {
        let queue = try DatabaseQueue(path: directory.path + "/state.sqlite")
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('1');
                    CREATE TABLE runs (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, seed INTEGER NOT NULL,
                        state TEXT NOT NULL, configuration TEXT NOT NULL, created REAL NOT NULL, started REAL,
                        ended REAL, failure TEXT, modelSHA256 TEXT);
                    CREATE TABLE rounds (run TEXT NOT NULL REFERENCES runs(id), round INTEGER NOT NULL,
                        state TEXT NOT NULL, attempt INTEGER NOT NULL, plan TEXT NOT NULL, record TEXT, reason TEXT,
                        begun REAL NOT NULL, closed REAL, PRIMARY KEY (run, round));
                    CREATE UNIQUE INDEX oneOpenRound ON rounds(run) WHERE state = 'planned';
                    CREATE TABLE workers (name TEXT PRIMARY KEY NOT NULL, firstSeen REAL NOT NULL,
                        lastSeen REAL NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
                    INSERT INTO runs VALUES ('r1', 'old', -1, 'running', 'seed: 1', 1000, 1001, NULL, NULL, 'ab');
                    INSERT INTO rounds VALUES ('r1', 1, 'committed', 1,
                        '{"assignments":[],"baseVersion":0,"deadlineSeconds":5,"quorum":3,"round":1}',
                        '{"accepted":[{"exampleCount":7,"metrics":{"accuracy":0.5,"loss":"NaN","seconds":1},
                        "payloadBytes":9,"worker":"w"}],"downlinkBytes":1,"modelsSent":1,"modelSHA256":"ab","participants":["w"],
                        "refused":[],"round":1,"seconds":2,"uplinkBytes":9,"version":1}', NULL, 1002, 1003);
                    INSERT INTO rounds VALUES ('r1', 2, 'planned', 1,
                        '{"assignments":[],"baseVersion":1,"deadlineSeconds":5,"quorum":3,"round":2}',
                        NULL, NULL, 1004, NULL);
                    INSERT INTO workers VALUES ('w', 1000, 1001, '10.0.0.1', 'fedworker/0.1');
                    """)
        }
    }
}
