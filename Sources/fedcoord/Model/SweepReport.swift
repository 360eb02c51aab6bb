// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCommandLine
import FedCore
import FedModels

/// What `fedcoord model sweep` writes.
struct SweepReport: Encodable {
    let model: ModelSummary
    let dataset: String
    /// Whose examples they are; nil for those of all.
    let domain: ModelCard.Domain?
    let examples: Int
    let attack: AttackSpec?
    let points: [ModelSweep.Point]

    /// The sweep for people: a row a point.
    static func table(_ sweep: ModelSweep) -> [String] {
        func percent(_ share: Double) -> String { Quantity.decimal(100 * share, 2) + " %" }
        let points = sweep.points
        var columns = [
            TextTable.Column("width", cells: points.map(\.width.description)),
            TextTable.Column("bases", cells: points.map { String($0.bases) }),
            TextTable.Column("parameters", cells: points.map { ModelSummary.millions($0.parameters) }),
            TextTable.Column("multiplications", cells: points.map { ModelSummary.millions($0.multiplications) }),
            TextTable.Column("robustness", cells: points.map { "\($0.robustness)" }),
            TextTable.Column("accuracy", cells: points.map { percent($0.accuracy) }),
        ]
        if points.contains(where: { $0.robustAccuracy != nil }) {
            columns.append(
                TextTable.Column("robust accuracy", cells: points.map { $0.robustAccuracy.map(percent) ?? "-" }))
        }
        columns.append(
            TextTable.Column("switch", cells: points.map { Quantity.decimal(1000 * $0.switchSeconds, 2) + " ms" }))
        return TextTable(columns).lines
    }
}
