// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedTraining

/// The columns of a CSV schema as people read them.
enum SchemaTable {
    /// One line a column, of at most `columns` characters.
    static func lines(_ schema: CSVSchema, columns: Int) -> [String] {
        TextTable([
            .init("column", isNumber: false, cells: schema.columns.map { String($0.name.prefix(24)) }),
            .init("kind", isNumber: false, cells: schema.columns.map(kind)),
            .init("values", isNumber: false, cells: schema.columns.map(values)),
        ]).lines.map { $0.count <= columns ? $0 : $0.prefix(columns - 3) + "..." }
    }

    private static func kind(_ column: CSVSchema.Column) -> String {
        column.attribute == true && column.kind != .attribute
            ? "\(column.kind.rawValue), attribute" : column.kind.rawValue
    }

    private static func values(_ column: CSVSchema.Column) -> String {
        if let categories = column.categories {
            return "\(categories.count): " + categories.map { $0.isEmpty ? "(missing)" : $0 }.joined(separator: ", ")
        }
        guard let mean = column.mean, let deviation = column.std else { return "" }
        return "mean \(Quantity.significant(mean)), deviation \(Quantity.significant(deviation))"
    }
}
