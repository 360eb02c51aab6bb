// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation
import Testing

/// Documentation/ThreatModel.md names tests that exist.
@Suite struct ThreatModelDocumentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The names in the second column of tables that have a column of tests.
    private static func named() throws -> [String] {
        let text = try String(contentsOf: root.appending(path: "Documentation/ThreatModel.md"), encoding: .utf8)
        var names: [String] = []
        var hasTests = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                hasTests = false
                continue
            }
            if line == "| claim | tests |" { hasTests = true }
            guard hasTests, line.contains("`"), let column = line.split(separator: "|").last else { continue }
            names += column.split(separator: "`").filter { !$0.contains(" ") && !$0.contains(",") }.map(String.init)
        }
        return names
    }

    @Test func everyClaimNamesTestsThatExist() throws {
        let names = try Self.named()
        #expect(names.count > 40)
        let files = try FileManager.default.subpathsOfDirectory(atPath: Self.root.appending(path: "Tests").path)
        var tests: Set<Substring> = []
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: Self.root.appending(path: "Tests/\(file)"), encoding: .utf8)
            let words = text.split { $0.isWhitespace || $0 == "(" }
            for (word, name) in zip(words, words.dropFirst()) where word == "func" { tests.insert(name) }
        }
        for name in names where !name.contains("/") { #expect(tests.contains(name[...]), "\(name)") }
        for name in names where name.contains("/") {
            #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: name).path), "\(name)")
        }
    }
}
