// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import FedTraining

/// The data that a model is used with: those of its domain, where it is a worker's own model and has one.
public struct ModelData: Sendable {
    /// What the model is measured on.
    public let test: Dataset
    /// The domain whose examples those are; nil for the examples of all.
    public let domain: ModelCard.Domain?
    private let whole: DatasetSplit
    /// The domain of the model, unless it is not to be looked at.
    private let wanted: ModelCard.Domain?

    /// What of `split` a model with `card` is for: the examples of its domain where it has one, unless those of `allDomains` are asked
    /// for. All of a part in which the domain does not occur.
    public init(_ split: DatasetSplit, for card: ModelCard, allDomains: Bool = false) {
        whole = split
        wanted = allDomains ? nil : card.domain
        let own = wanted.flatMap(split.test.examples(of:))
        test = own ?? split.test
        domain = own == nil ? nil : wanted
    }

    /// What the model was, or might have been, trained on; cut out anew at each call.
    public var train: Dataset { wanted.flatMap(whole.train.examples(of:)) ?? whole.train }

    /// What choices among models are made by; as `DatasetSplit.validation`.
    public var validation: Dataset { DatasetSplit(train: train, test: test).validation }

    /// The test part in words: `digits-5, 340 test examples of domain svhn`.
    public var title: String {
        let examples = "\(test.name), \(test.count) test examples"
        guard let wanted else { return examples }
        return "\(examples) of \(domain == nil ? "all, none has " : "")\(wanted.attribute) \(wanted.value)"
    }
}
