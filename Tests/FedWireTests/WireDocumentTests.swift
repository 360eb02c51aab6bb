// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWire
import Foundation
import Testing

/// The tables of protocols/wire.md say what the code does.
@Suite struct WireDocumentTests {
    private static func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "protocols/wire.md"), encoding: .utf8)
    }

    /// The first two cells of the rows of the table below a heading.
    private static func table(_ heading: String) throws -> [[String]] {
        let section = try #require(try document().components(separatedBy: "\n## \(heading)\n").dropFirst().first)
        let body = section.components(separatedBy: "\n## ")[0]
        return body.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map { row in
            row.split(separator: "|").prefix(2).map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func codesOfPeerErrorAreDocumented() throws {
        #expect(
            try Self.table("Codes of PeerError") == PeerError.Code.named.map { ["\($0.code.rawValue)", $0.name] })
    }

    @Test func codesOfARefusalAreDocumented() throws {
        #expect(try Self.table("Codes of a refusal") == RefusalCode.named.map { ["\($0.code.rawValue)", $0.name] })
    }
}
