// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension DatasetRegistry {
    /// The names of those that are tables: they need to be told which column is the label.
    public static let tabular = ["csv"]
}
