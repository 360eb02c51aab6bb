// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A data set's training and test parts.
public struct DatasetSplit: Sendable {
    /// What workers train on.
    public let train: Dataset
    /// What models are evaluated on.
    public let test: Dataset

    /// Two parts of one data set.
    public init(train: Dataset, test: Dataset) {
        self.train = train
        self.test = test
    }
}
