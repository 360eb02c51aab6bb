// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension ParameterVector {
    /// A vector of values that a decoder made for `layout`; traps when it made another number of them.
    static func decoded(_ values: [Float], layout: ModelLayout) -> ParameterVector {
        do {
            return try ParameterVector(layout: layout, values: values)
        } catch {
            preconditionFailure("a decoder makes as many values as the layout counts")
        }
    }
}
