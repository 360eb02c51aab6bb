// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

/// How the changes of a round become one, as a run file's `strategy.aggregator` says it.
///
/// In a run file: `aggregator: { name: trimmed-mean, trim: 0.2 }`, or `aggregator: median` where the defaults will do. Each rule
/// has settings of its own (`Name.settings`); the others keep their defaults. Formulas and conditions are with the
/// implementations.
public struct AggregatorSpec: Hashable, Sendable {
    /// The rules.
    public enum Name: String, CaseIterable, Sendable {
        case weightedMean = "weighted-mean"
        case median
        case trimmedMean = "trimmed-mean"
        case krum
        case multiKrum = "multi-krum"
        case bulyan
        case geometricMedian = "geometric-median"
        case normClipping = "norm-clipping"
        case signVote = "sign-vote"
    }

    /// Which rule to aggregate by.
    public var name: Name
    /// `trimmed-mean`: how much goes at each end, a share of the updates in [0, 0.5) or a whole number from 1 on.
    public var trim: Double
    /// `krum`, `multi-krum`, `bulyan`: f, how many workers may attack, 0 or more.
    public var attackers: Int
    /// `multi-krum`: m, of how many updates the mean is, at least 1; nil for n − f − 2.
    public var keep: Int?
    /// `geometric-median`: Weiszfeld's iterations, at least 1.
    public var iterations: Int
    /// `geometric-median`: ν > 0, below which distances count as ν.
    public var smoothing: Double
    /// `norm-clipping`: the longest change, above 0; nil for the median of the round's norms.
    public var bound: Double?
    /// `sign-vote`: the size of a step, above 0.
    public var step: Float

    /// A rule with every default visible.
    public init(
        name: Name = .weightedMean, trim: Double = 0.2, attackers: Int = 1, keep: Int? = nil, iterations: Int = 8,
        smoothing: Double = 1e-6, bound: Double? = nil, step: Float = 0.001
    ) {
        self.name = name
        self.trim = trim
        self.attackers = attackers
        self.keep = keep
        self.iterations = iterations
        self.smoothing = smoothing
        self.bound = bound
        self.step = step
    }

    /// The aggregator that these settings, which must be valid, describe.
    public var aggregator: any Aggregator {
        switch name {
        case .weightedMean: WeightedMeanAggregator()
        case .median: MedianAggregator()
        case .trimmedMean: TrimmedMeanAggregator(trim: trim)
        case .krum: KrumAggregator(attackers: attackers)
        case .multiKrum: KrumAggregator(attackers: attackers, keeping: keep)
        case .bulyan: BulyanAggregator(attackers: attackers)
        case .geometricMedian: GeometricMedianAggregator(iterations: iterations, smoothing: smoothing)
        case .normClipping: NormClippingAggregator(bound: bound)
        case .signVote: SignVoteAggregator(step: step)
        }
    }

    /// Throws `StrategyError.invalidSpecification` with the first setting that is out of its range or not of the rule.
    public func validate() throws(StrategyError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(StrategyError) {
            guard condition else {
                throw StrategyError(.invalidSpecification, "strategy.aggregator." + message())
            }
        }
        for key in CodingKeys.allCases where key != .name && !name.settings.contains(key) {
            try require(isDefault(key), "\(key.rawValue): \(name.refusal(of: key))")
        }
        try require(
            (0..<0.5).contains(trim) || ((1...1_000_000).contains(trim) && trim == trim.rounded()),
            "trim: must be a share in [0, 0.5) or a whole number of updates from 1 on, not \(trim)")
        try require((0...1_000_000).contains(attackers), "attackers: must be 0 to 1000000, not \(attackers)")
        try require((1...1_000_000).contains(keep ?? 1), "keep: must be 1 to 1000000, not \(keep ?? 0)")
        try require((1...1000).contains(iterations), "iterations: must be 1 to 1000, not \(iterations)")
        try require(smoothing > 0 && smoothing.isFinite, "smoothing: must be above 0, not \(smoothing)")
        try require(bound ?? 1 > 0 && (bound ?? 1).isFinite, "bound: must be above 0, not \(bound ?? 0)")
        try require(step > 0 && step.isFinite, "step: must be above 0, not \(step)")
    }

    private func isDefault(_ key: CodingKeys) -> Bool {
        let defaults = Self(name: name)
        return switch key {
        case .name: true
        case .trim: trim == defaults.trim
        case .attackers: attackers == defaults.attackers
        case .keep: keep == defaults.keep
        case .iterations: iterations == defaults.iterations
        case .smoothing: smoothing == defaults.smoothing
        case .bound: bound == defaults.bound
        case .step: step == defaults.step
        }
    }
}

extension AggregatorSpec.Name {
    /// The settings of the rule besides `name`.
    package var settings: [AggregatorSpec.CodingKeys] {
        switch self {
        case .weightedMean, .median: []
        case .trimmedMean: [.trim]
        case .krum, .bulyan: [.attackers]
        case .multiKrum: [.attackers, .keep]
        case .geometricMedian: [.iterations, .smoothing]
        case .normClipping: [.bound]
        case .signVote: [.step]
        }
    }

    /// The weightings that make sense; the first one is the default.
    ///
    /// Example counts are what workers claim: but for the weighted mean, they count only where the run file says so.
    package var weightings: [Weighting] {
        switch self {
        case .weightedMean: [.examples, .uniform]
        case .trimmedMean, .geometricMedian, .normClipping: [.uniform, .examples]
        case .median, .krum, .multiKrum, .bulyan, .signVote: [.uniform]
        }
    }

    /// Why `setting` cannot be set for this rule.
    fileprivate func refusal(of setting: AggregatorSpec.CodingKeys) -> String {
        let owners = Self.allCases.filter { $0.settings.contains(setting) }.map(\.rawValue).joined(separator: ", ")
        return
            "\(rawValue) has no such setting (it belongs to \(owners)): remove it, or choose another aggregator.name"
    }
}

extension AggregatorSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, trim, attackers, keep, iterations, smoothing, bound, step
    }

    /// Reads a section, or a name alone.
    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self.init(name: try Self.name(name, in: decoder))
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try Self.name(
            try container.decodeIfPresent(String.self, forKey: .name) ?? Name.weightedMean.rawValue, in: decoder)
        for key in CodingKeys.allCases where key != .name && container.contains(key) && !name.settings.contains(key) {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: name.refusal(of: key))
        }
        let defaults = Self(name: name)
        self.init(
            name: name, trim: try container.decodeIfPresent(Double.self, forKey: .trim) ?? defaults.trim,
            attackers: try container.decodeIfPresent(Int.self, forKey: .attackers) ?? defaults.attackers,
            keep: try container.decodeIfPresent(Int.self, forKey: .keep),
            iterations: try container.decodeIfPresent(Int.self, forKey: .iterations) ?? defaults.iterations,
            smoothing: try container.decodeIfPresent(Double.self, forKey: .smoothing) ?? defaults.smoothing,
            bound: try container.decodeIfPresent(Double.self, forKey: .bound),
            step: try container.decodeIfPresent(Float.self, forKey: .step) ?? defaults.step)
    }

    private static func name(_ text: String, in decoder: any Decoder) throws -> Name {
        guard let name = Name(rawValue: text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: NearestName.unknown("aggregator", text, among: Name.allCases.map(\.rawValue))))
        }
        return name
    }

    /// Writes the settings of the rule only.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name.rawValue, forKey: .name)
        for key in name.settings {
            switch key {
            case .name: break
            case .trim: try container.encode(trim, forKey: key)
            case .attackers: try container.encode(attackers, forKey: key)
            case .keep: try container.encodeIfPresent(keep, forKey: key)
            case .iterations: try container.encode(iterations, forKey: key)
            case .smoothing: try container.encode(smoothing, forKey: key)
            case .bound: try container.encodeIfPresent(bound, forKey: key)
            case .step: try container.encode(step, forKey: key)
            }
        }
    }
}
