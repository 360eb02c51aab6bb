// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The first message of a client: what it speaks and what it has.
public struct Hello: Hashable, Sendable {
    /// No more data sets can be named.
    public static let maximumDatasets = 64

    /// The protocol versions that the client speaks.
    public var versions: ProtocolVersionRange
    /// Program and version, for logs; at most 128 bytes.
    public var agent: String
    /// Names of data sets that this worker can train on; at most 64, of at most 64 bytes each.
    public var datasets: [String]
    /// Whether the client keeps models in memory and takes steps in place of whole models.
    public var takesSteps: Bool
    /// Whether the client reports scales and quantises with those of `SharedScales`.
    public var sharesScales: Bool
    /// The model that the client holds in memory.
    public var held: HeldVersion?
    /// The download of an assignment that the client holds in part, or is through with.
    public var download: PartialTransfer?
    /// The width that the client can afford to train; nil for all of a model.
    public var budget: WidthRatio?
    /// Whether the client finds out what it can afford and says so with its updates; until then it trains as little as can be.
    public var measuresBudget: Bool
    /// Whether the client trains adversarially, in runs of which only some workers do.
    public var trainsAdversarially: Bool
    /// Whether it finds out whether it can afford that and says so with its updates.
    public var measuresAdversarialTraining: Bool
    /// Whether it agrees that statistics of its batch normalisation are shared with others.
    public var sharesStatistics: Bool

    /// A first message.
    public init(
        versions: ProtocolVersionRange = .supported, agent: String, datasets: [String], takesSteps: Bool = false,
        sharesScales: Bool = false, held: HeldVersion? = nil, download: PartialTransfer? = nil,
        budget: WidthRatio? = nil, measuresBudget: Bool = false, trainsAdversarially: Bool = false,
        measuresAdversarialTraining: Bool = false, sharesStatistics: Bool = false
    ) {
        self.takesSteps = takesSteps
        self.sharesScales = sharesScales
        self.held = held
        self.download = download
        self.versions = versions
        self.agent = agent
        self.budget = budget
        self.measuresBudget = measuresBudget
        self.trainsAdversarially = trainsAdversarially
        self.measuresAdversarialTraining = measuresAdversarialTraining
        self.sharesStatistics = sharesStatistics
        self.datasets = datasets
    }
}
