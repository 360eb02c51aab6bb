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

    @Test func anUnknownDataSetNamesTheNearest() {
        let error = #expect(throws: WorkerError(.usage, "")) {
            try EngineTrainer(data: WorkerData(parsing: ["minst=/x"], shard: nil))
        }
        #expect(error?.message.contains("did you mean mnist?") == true)
    }
}
