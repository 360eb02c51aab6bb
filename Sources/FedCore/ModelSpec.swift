// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which network to train, as a run file's `model` section says it.
public struct ModelSpec: Hashable, Codable, Sendable {
    /// A name of the model zoo, such as `mlp` or `lenet`.
    public var architecture: String
    /// Widths of the hidden layers of an `mlp`; nil takes the architecture's default.
    public var hidden: [Int]?
    /// The share of the architecture's hidden channels (or units) that the network has.
    public var width: WidthRatio
    /// What its batch normalisation layers hold; for an architecture without such layers `batch`.
    public var normalization: Normalization
    /// What those layers normalise by when the model is used.
    public var statistics: NormalizationStatistics
    /// Share of hidden units that a training pass leaves out, in [0, 1).
    public var dropout: Float
    /// How many independent networks of `width` the model is made of, 1 to `maximumBases`; its logits are the mean of
    /// theirs (Split-Mix, Hong et al., ICLR 2022). Not a key of a run file: the strategy decides it.
    public var bases: Int
    /// The widths that can be cut out of the network, ascending, `width` itself the last; empty where it was not trained for
    /// that (HeteroFL: Diao, Ding and Tarokh, ICLR 2021). Not a key of a run file: the strategy decides it.
    public var levels: [WidthRatio]

    /// No model is cut to more widths.
    public static let maximumLevels = 16
    /// No model is made of more base networks.
    public static let maximumBases = 1024

    /// Names an architecture, with every default visible.
    public init(
        architecture: String, hidden: [Int]? = nil, width: WidthRatio = .full, normalization: Normalization = .batch,
        statistics: NormalizationStatistics = .averaged, dropout: Float = 0, bases: Int = 1, levels: [WidthRatio] = []
    ) {
        self.architecture = architecture
        self.hidden = hidden
        self.width = width
        self.normalization = normalization
        self.statistics = statistics
        self.dropout = dropout
        self.bases = bases
        self.levels = levels
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, hidden, width, normalization, statistics, dropout, bases, levels
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            architecture: try container.decode(String.self, forKey: .architecture),
            hidden: try container.decodeIfPresent([Int].self, forKey: .hidden),
            width: try container.decodeIfPresent(WidthRatio.self, forKey: .width) ?? .full,
            normalization: try container.decodeIfPresent(Normalization.self, forKey: .normalization) ?? .batch,
            statistics: try container.decodeIfPresent(NormalizationStatistics.self, forKey: .statistics) ?? .averaged,
            dropout: try container.decodeIfPresent(Float.self, forKey: .dropout) ?? 0,
            bases: try container.decodeIfPresent(Int.self, forKey: .bases) ?? 1,
            levels: try container.decodeIfPresent([WidthRatio].self, forKey: .levels) ?? [])
    }

    /// Leaves `bases`, `statistics` and `levels` out where they are the usual ones, so that a model is written as it was before
    /// there were others.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(architecture, forKey: .architecture)
        try container.encodeIfPresent(hidden, forKey: .hidden)
        try container.encode(width, forKey: .width)
        try container.encode(normalization, forKey: .normalization)
        try container.encode(dropout, forKey: .dropout)
        if statistics != .averaged { try container.encode(statistics, forKey: .statistics) }
        if bases != 1 { try container.encode(bases, forKey: .bases) }
        if !levels.isEmpty { try container.encode(levels, forKey: .levels) }
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range.
    ///
    /// Whether an architecture takes a setting at all is not judged here.
    public func validate() throws(CoreError) {
        guard (hidden ?? []).count <= 64 else {
            throw CoreError(.invalidSpecification, "model.hidden: at most 64 hidden layers, not \(hidden?.count ?? 0)")
        }
        for width in hidden ?? [] where !(1...65_536).contains(width) {
            throw CoreError(.invalidSpecification, "model.hidden: widths must be 1 to 65536, not \(width)")
        }
        guard (0..<1).contains(dropout) else {
            throw CoreError(.invalidSpecification, "model.dropout: must be in [0, 1), not \(dropout)")
        }
        guard (1...Self.maximumBases).contains(bases) else {
            throw CoreError(
                .invalidSpecification, "model.bases: must be 1 to \(Self.maximumBases), not \(bases)")
        }
        guard levels.isEmpty || (Self.areLevels(levels) && levels.last == width && bases == 1) else {
            throw CoreError(
                .invalidSpecification,
                "model.levels: are at most \(Self.maximumLevels) ascending widths of one network, of which its own is the last"
            )
        }
    }

    /// Whether these are widths that a network may be cut to: 1 to `maximumLevels`, ascending.
    public static func areLevels(_ widths: [WidthRatio]) -> Bool {
        (1...maximumLevels).contains(widths.count) && zip(widths, widths.dropFirst()).allSatisfy { $0 < $1 }
    }
}
