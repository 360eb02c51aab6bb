// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What happened, in lines to read: kept only while a failing seed is run for a second time.
struct Trace {
    /// What happened, oldest first.
    private(set) var lines: [String] = []
    /// Whether anything is written down.
    let isKept: Bool

    /// Writes a line, which is not even made where nothing is kept.
    mutating func note(_ time: Double, _ line: () -> String) {
        guard isKept else { return }
        let milliseconds = Int((time * 1000).rounded())
        let thousandths = String(milliseconds % 1000)
        let padding = String(repeating: "0", count: 3 - thousandths.count)
        lines.append("\(milliseconds / 1000).\(padding)\(thousandths)  \(line())")
    }
}
