// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension SparsePlan {
    /// What `select` chooses of each unit's entries, given how many to keep.
    func selections(
        _ update: ParameterVector,
        _ select: (_ values: UnsafeBufferPointer<Float>, _ kept: Int) throws(CodecError) -> Selection
    ) throws(CodecError) -> [Selection] {
        try update.values.withUnsafeBufferPointer { (values) throws(CodecError) in
            var selections: [Selection] = []
            for (index, unit) in units.enumerated() {
                selections.append(
                    try withEntries(of: index, in: values) { (entries) throws(CodecError) in
                        try select(entries, unit.kept)
                    })
            }
            return selections
        }
    }

    /// The mean of what is kept of each unit: the sums in double precision divided by the numbers, rounded to float32.
    func means(_ selections: [Selection]) -> [Float] {
        zip(units, selections).map { unit, selection in
            // Adding 0 makes 0 of -0.
            Float(selection.sum / Double(unit.kept)) + 0
        }
    }
}
