// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import Foundation
import Testing

/// Documentation/RunFile.md names every key.
@Suite struct RunFileDocumentTests {
    private static func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Documentation/RunFile.md"), encoding: .utf8)
    }

    /// The keys of an attack are described once for both places that take one.
    private static func written(_ path: String) -> String {
        path.components(separatedBy: ".attack.").count == 2
            ? "attack." + path.components(separatedBy: ".attack.")[1] : path
    }

    @Test func everyKeyHasARow() throws {
        let keys = try Self.document().split(separator: "\n").compactMap { line -> Substring? in
            guard line.hasPrefix("| `") else { return nil }
            return line.dropFirst(3).prefix { $0 != "`" }
        }
        let rows = Set(keys.map(String.init))
        // A rule of an optimiser, a schedule or a term heads its own table.
        let headings: Set = ["training.optimizer.name", "training.schedule.name", "training.objective.term"]
        let paths = RunFile.keyPaths.map(Self.written)
        #expect(paths.contains("attack.epsilon") && paths.contains("training.optimizer.nu") && paths.contains("name"))
        for path in paths { #expect(rows.contains(path), "\(path) is missing in Documentation/RunFile.md") }
        #expect(headings.isSubset(of: rows))
    }
}
