// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct NameRulesTests {
    @Test(arguments: ["a", "Z9", "_x", "worker-01", "site.lab_3", String(repeating: "w", count: 64)])
    func goodNamesAreKept(_ name: String) throws {
        #expect(try WorkerID(name).rawValue == name)
        #expect(try RunID(name).description == name)
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "-rf", "a b", "a/b", "a\\b", "a\0", "naïve", "a\n", "a:b", "../x", "🤖", "a%2e",
        String(repeating: "w", count: 65), "e\u{301}",
    ]) func badNamesAreRefused(_ name: String) {
        #expect(throws: CoreError(.invalidName, "")) { try WorkerID(name) }
        #expect(throws: CoreError(.invalidName, "")) { try RunID(name) }
    }

    @Test func namesOrderByTheirBytes() throws {
        let names = try ["b", "a", "B", "10", "9"].map { try WorkerID($0) }
        #expect(names.sorted().map(\.rawValue) == ["10", "9", "B", "a", "b"])
    }

    @Test func decodingChecksTheRules() throws {
        #expect(try JSONDecoder().decode([WorkerID].self, from: Data(#"["w1"]"#.utf8)) == [WorkerID("w1")])
        #expect(try String(decoding: JSONEncoder().encode([RunID("r1")]), as: UTF8.self) == #"["r1"]"#)
        #expect(throws: CoreError(.invalidName, "")) {
            try JSONDecoder().decode([WorkerID].self, from: Data(#"["../w1"]"#.utf8))
        }
    }
}
