// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Where a data set comes from: everything that `DatasetRegistry.load` needs.
public struct DatasetSource: Hashable, Sendable {
    /// One of `DatasetRegistry.names`.
    public var name: String
    /// The file or folder; nil for data that are part of the program.
    public var path: String?
    /// The name of the label column, for `csv` only.
    public var label: String?
    /// The path of a schema file that says how columns are coded, for `csv` only.
    public var schema: String?

    /// A source.
    public init(name: String, path: String? = nil, label: String? = nil, schema: String? = nil) {
        self.name = name
        self.path = path
        self.label = label
        self.schema = schema
    }
}
