// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension DatasetSplit {
    /// What choices among models are made by: of each class of n training examples the last ⌊n / 5⌋, or the training part
    /// where no class has five.
    ///
    /// Never of the test part, which so can tell how good a choice was. Whoever trained on all of the training part has
    /// seen these examples.
    public var validation: Dataset {
        let indices = LastFifth.ofEachClass(labels: train.labels).test
        return indices.isEmpty ? train : train.subset(indices)
    }
}
