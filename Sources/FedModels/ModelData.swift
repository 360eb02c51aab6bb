// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

/// The data that a model is used with.
public struct ModelData: Sendable {
    /// The training and the test part; for a worker's own model those of its domain, where it has one.
    public let split: DatasetSplit
    /// The domain whose examples those are; nil for the examples of all.
    public let domain: ModelCard.Domain?

    /// What of `split` a model with `card` is for: the examples of its domain where it has one that occurs in both parts,
    /// unless those of `allDomains` are asked for.
    public init(_ split: DatasetSplit, for card: ModelCard, allDomains: Bool = false) {
        guard !allDomains, let domain = card.domain,
            let train = split.train.examples(of: domain), let test = split.test.examples(of: domain)
        else {
            self.split = split
            self.domain = nil
            return
        }
        self.split = DatasetSplit(train: train, test: test, schema: split.schema)
        self.domain = domain
    }

    /// The test part in words: `digits-5, 340 test examples of domain svhn`.
    public var title: String {
        let own = domain.map { " of \($0.attribute) \($0.value)" } ?? ""
        return "\(split.test.name), \(split.test.count) test examples\(own)"
    }
}
