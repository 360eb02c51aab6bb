// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedStore
import Foundation
import GRDB
import Testing

@Suite struct RecordChainTests {
    let now = StoreFixture.now
    let directory: TemporaryDirectory
    let r1: RunID

    init() throws {
        directory = try TemporaryDirectory()
        r1 = try RunID("r1")
    }

    /// A store with three committed rounds, the second of them in two attempts, and one that is open.
    private func committed(_ kind: StoreKind) async throws -> any RunStore {
        let store = try kind.make(in: directory)
        try await store.createRun(StoreFixture.run(), now: now)
        try await store.setState(.running, of: r1, failure: nil, now: now)
        for round in 1...3 {
            try await store.beginRound(StoreFixture.plan(round), of: r1, attempt: 1, now: now)
            if round == 2 {
                try await store.retryRound(
                    StoreFixture.plan(2, workers: ["a", "b", "c"]), of: r1, reason: "too few", now: now)
            }
            try await store.commitRound(
                StoreFixture.record(round), of: r1, next: round == 3 ? StoreFixture.plan(4) : nil, now: now)
        }
        return store
    }

    private func verify(_ store: any RunStore) async throws -> RecordChain.Head {
        let run = try #require(try await store.run(r1))
        return try RecordChain.verify(try await store.recordLinks(of: r1), of: run)
    }

    @Test func isTheSameInEveryStore() async throws {
        var heads: Set<RecordChain.Head> = []
        for kind in StoreKind.allCases {
            let store = try await committed(kind)
            let head = try await verify(store)
            #expect(head.rounds == 3 && head.unchained == 0 && head.hash?.count == 64)
            #expect(try await store.rounds(of: r1).map(\.hash) == store.recordLinks(of: r1).map(\.hash) + [nil])
            heads.insert(head)
        }
        #expect(heads.count == 1)
    }

    struct Change: Sendable {
        let sql: String
        let names: String
    }

    @Test(arguments: [
        Change(sql: "UPDATE rounds SET record = replace(record, '0.9', '0.8') WHERE round = 1", names: "round 1"),
        Change(sql: "UPDATE rounds SET record = replace(record, '\"a\"', '\"b\"') WHERE round = 2", names: "round 2"),
        Change(sql: "UPDATE rounds SET plan = replace(plan, '\"c\"', '\"d\"') WHERE round = 2", names: "round 2"),
        Change(sql: "UPDATE rounds SET hash = replace(hash, '0', '1') WHERE round = 3", names: "round 3"),
        Change(sql: "UPDATE rounds SET hash = NULL WHERE round = 2", names: "round 2"),
        Change(sql: "UPDATE rounds SET hash = NULL WHERE round = 1", names: "round 2"),
        Change(sql: "DELETE FROM rounds WHERE round = 2", names: "round 2"),
        Change(sql: "UPDATE runs SET configuration = 'seed: 2'", names: "configuration"),
        Change(sql: "UPDATE runs SET seed = 3", names: "configuration"),
    ]) func findsWhatWasChanged(_ change: Change) async throws {
        let store = try await committed(.sqlite)
        try await DatabaseQueue(path: directory.path + "/state.sqlite").write { try $0.execute(sql: change.sql) }
        let error = await #expect(throws: StoreError(.corrupt, "")) { try await verify(store) }
        #expect(error?.message.contains(change.names) == true, "\(error?.message ?? "")")
    }

    @Test func findsAnyChangedByte() async throws {
        let store = try await committed(.memory)
        let run = try #require(try await store.run(r1))
        let links = try await store.recordLinks(of: r1)
        for (index, link) in links.enumerated() {
            for place in 0..<link.record.utf8.count {
                var bytes = Array(link.record.utf8)
                bytes[place] ^= 1
                var changed = links
                changed[index].record = String(decoding: bytes, as: UTF8.self)
                #expect(throws: StoreError(.corrupt, "")) { try RecordChain.verify(changed, of: run) }
            }
        }
    }
}
