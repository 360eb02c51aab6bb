// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Columns of text, each as wide as its widest cell, two spaces apart.
public struct TextTable: Sendable {
    /// One column: its heading and how its cells are aligned.
    public struct Column: Sendable {
        /// What is above the cells.
        public var heading: String
        /// Whether cells are flush right, as numbers are.
        public var isNumber: Bool
        /// The cells, one a row.
        public var cells: [String]

        /// A column.
        public init(_ heading: String, isNumber: Bool = true, cells: [String]) {
            self.heading = heading
            self.isNumber = isNumber
            self.cells = cells
        }

        var width: Int { cells.reduce(heading.count) { max($0, $1.count) } }

        func padded(_ text: String) -> String {
            let padding = String(repeating: " ", count: width - text.count)
            return isNumber ? padding + text : text + padding
        }
    }

    /// From left to right, all with as many cells.
    public var columns: [Column]

    /// A table.
    public init(_ columns: [Column]) {
        precondition(Set(columns.map(\.cells.count)).count <= 1, "all columns have as many cells")
        self.columns = columns
    }

    /// How many characters a line has.
    public var width: Int { columns.reduce(0) { $0 + $1.width } + 2 * max(0, columns.count - 1) }

    /// The headings and the rows; no line ends in spaces.
    public var lines: [String] {
        let rows = 0..<(columns.first?.cells.count ?? 0)
        return [line { $0.heading }] + rows.map { row in line { $0.cells[row] } }
    }

    private func line(_ cell: (Column) -> String) -> String {
        var text = columns.map { $0.padded(cell($0)) }.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }
}
