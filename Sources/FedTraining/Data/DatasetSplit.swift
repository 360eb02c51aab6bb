// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A data set's training and test parts.
public struct DatasetSplit: Sendable {
    /// What workers train on.
    public let train: Dataset
    /// What models are evaluated on.
    public let test: Dataset
    /// How the columns of a table were coded; nil for all other data.
    public let schema: CSVSchema?

    /// Two parts of one data set.
    public init(train: Dataset, test: Dataset, schema: CSVSchema? = nil) {
        self.train = train
        self.test = test
        self.schema = schema
    }
}
