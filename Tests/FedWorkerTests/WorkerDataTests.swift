// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWorker
import Testing

@Suite struct WorkerDataTests {
    @Test func readsDataAndShards() throws {
        let data = try WorkerData(
            parsing: ["mnist=/a=b", "digits"], shard: WorkerData.Shard(parsing: "3/8"))
        #expect(data.locations == ["mnist": "/a=b", "digits": nil])
        #expect(data.shard?.index == 3)
        #expect(data.shard?.count == 8)
    }

    @Test(arguments: ["", "3", "0/8", "9/8", "-1/8", "1/0", "a/b", "1/8/2", "1/99999999999999999999"])
    func refusesWhatIsNoShard(text: String) {
        #expect(throws: WorkerError(.usage, "")) { try WorkerData.Shard(parsing: text) }
    }

    @Test(arguments: ["", "=x", "mnist="]) func refusesWhatIsNoData(text: String) {
        #expect(throws: WorkerError(.usage, "")) { try WorkerData(parsing: [text], shard: nil) }
    }

    @Test(arguments: [
        (["mnist=/a", "mnist=/b"], "names mnist twice"), (["digits", "digits"], "names digits twice"),
        (["digits=/a"], "digits is part of the program"),
    ])
    func whatWouldBeIgnoredIsRefused(_ arguments: [String], _ says: String) {
        let error = #expect(throws: WorkerError(.usage, "")) { try WorkerData(parsing: arguments) }
        #expect(error?.message.contains(says) == true)
    }

    @Test func anUnknownDataSetNamesTheNearest() {
        let error = #expect(throws: WorkerError(.usage, "")) {
            try EngineTrainer(data: WorkerData(parsing: ["minst=/x"], shard: nil))
        }
        #expect(error?.message.contains("did you mean mnist?") == true)
    }

    @Test func aTableHasALabelAndASchema() throws {
        let data = try WorkerData(parsing: ["csv=/a.csv"], label: "num", schema: "/s.json")
        #expect(data.label == "num")
        #expect(data.schema == "/s.json")
        #expect(data.locations == ["csv": "/a.csv"])
    }

    @Test(arguments: [("num", nil), (nil, "/s.json")] as [(String?, String?)])
    func labelsAndSchemasBelongToTables(_ label: String?, _ schema: String?) {
        let error = #expect(throws: WorkerError(.usage, "")) {
            try WorkerData(parsing: ["mnist=/data"], label: label, schema: schema)
        }
        #expect(error?.message.contains("--data csv=FILE") == true)
    }
}
