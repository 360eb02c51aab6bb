// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Which strategy runs the rounds, as a run file's `strategy` section says it.
///
/// In a run file: `strategy: { name: fedavg, optimizer: { name: adam, learningRate: 0.03 }, weighting: uniform }`.
/// `serverLearningRate: 0.5` is a short way to write `optimizer: { name: sgd, learningRate: 0.5 }`, and `strategy: fedprox` one
/// to write `strategy: { name: fedprox }`.
public struct StrategySpec: Hashable, Codable, Sendable {
    /// A name of the `StrategyRegistry`.
    public var name: String
    /// How the mean change becomes the next model.
    public var optimizer: ServerOptimizerSpec
    /// What the optimiser's learning rate is multiplied by, round by round.
    public var schedule: ScheduleSpec
    /// How the workers' changes become one.
    public var aggregator: AggregatorSpec
    /// How much each worker counts in that.
    public var weighting: Weighting
    /// The width of a base network of `split-mix`, or of `fedrbn` where it has base networks; nil with any other strategy.
    public var baseWidth: WidthRatio?
    /// μ of the proximal term that `fedprox` and `fatprox` add to what workers minimise; nil with any other strategy.
    public var mu: Float?
    /// λ of `fedrbn`, the weight of the calibration of workers that do not train adversarially; nil with any other strategy.
    public var lambda: Float?
    /// What decides whose adversarial statistics such a worker of `fedrbn` gets; nil with any other strategy.
    public var propagation: StatisticsPropagation.Weighting?
    /// The temperature of that decision, above 0; nil with any other strategy.
    public var temperature: Double?
    /// How many first rounds of `fedrbn` are without calibration; nil with any other strategy.
    public var warmup: Int?
    /// Whether every worker that trains two base networks or more of `split-mix` trains the first, so that the narrowest cut is
    /// better.
    public var favourFirst: Bool
    /// The widths that workers of `heterofl` train, ascending, the last of which is 1; nil with any other strategy.
    public var widths: [WidthRatio]?

    /// A specification with every default visible; without a weighting it is the aggregator's.
    public init(
        name: String = "fedavg", optimizer: ServerOptimizerSpec = ServerOptimizerSpec(),
        schedule: ScheduleSpec = ScheduleSpec(), aggregator: AggregatorSpec = AggregatorSpec(),
        weighting: Weighting? = nil, baseWidth: WidthRatio? = nil, favourFirst: Bool = false,
        mu: Float? = nil, widths: [WidthRatio]? = nil, lambda: Float? = nil,
        propagation: StatisticsPropagation.Weighting? = nil, temperature: Double? = nil, warmup: Int? = nil
    ) {
        self.name = name
        self.optimizer = optimizer
        self.schedule = schedule
        self.aggregator = aggregator
        self.weighting = weighting ?? aggregator.name.weightings[0]
        self.baseWidth = baseWidth ?? (name == Self.splitMix ? Self.defaultBaseWidth : nil)
        self.favourFirst = favourFirst
        self.mu = mu ?? Self.defaultMu[name]
        self.widths = widths ?? (name == Self.heteroFL ? Self.defaultWidths : nil)
        let defaults = StatisticsPropagation()
        let isPropagated = name == Self.fedRBN
        self.lambda = lambda ?? (isPropagated ? Self.defaultLambda : nil)
        self.propagation = propagation ?? (isPropagated ? defaults.weighting : nil)
        self.temperature = temperature ?? (isPropagated ? defaults.temperature : nil)
        self.warmup = warmup ?? (isPropagated ? Self.defaultWarmup : nil)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, serverLearningRate, optimizer, schedule, aggregator, weighting, baseWidth, favourFirst, mu, widths
        case lambda, propagation, temperature, warmup
    }

    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self.init(name: name)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var optimizer = try container.decodeIfPresent(ServerOptimizerSpec.self, forKey: .optimizer)
        if let rate = try container.decodeIfPresent(Float.self, forKey: .serverLearningRate) {
            guard optimizer == nil else {
                throw DecodingError.dataCorruptedError(
                    forKey: .serverLearningRate, in: container,
                    debugDescription: "strategy.optimizer.learningRate says the same: remove this key")
            }
            optimizer = ServerOptimizerSpec(learningRate: rate)
        }
        self.init(
            name: try container.decodeIfPresent(String.self, forKey: .name) ?? "fedavg",
            optimizer: optimizer ?? ServerOptimizerSpec(),
            schedule: try container.decodeIfPresent(ScheduleSpec.self, forKey: .schedule) ?? ScheduleSpec(),
            aggregator: try container.decodeIfPresent(AggregatorSpec.self, forKey: .aggregator) ?? AggregatorSpec(),
            weighting: try container.decodeIfPresent(Weighting.self, forKey: .weighting),
            baseWidth: try container.decodeIfPresent(WidthRatio.self, forKey: .baseWidth),
            favourFirst: try container.decodeIfPresent(Bool.self, forKey: .favourFirst) ?? false,
            mu: try container.decodeIfPresent(Float.self, forKey: .mu),
            widths: try container.decodeIfPresent([WidthRatio].self, forKey: .widths),
            lambda: try container.decodeIfPresent(Float.self, forKey: .lambda),
            propagation: try container.decodeIfPresent(StatisticsPropagation.Weighting.self, forKey: .propagation),
            temperature: try container.decodeIfPresent(Double.self, forKey: .temperature),
            warmup: try container.decodeIfPresent(Int.self, forKey: .warmup))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(optimizer, forKey: .optimizer)
        try container.encode(schedule, forKey: .schedule)
        // Left out where it says nothing, as in runs that were begun before there was a choice.
        if aggregator != AggregatorSpec() { try container.encode(aggregator, forKey: .aggregator) }
        try container.encode(weighting, forKey: .weighting)
        try container.encodeIfPresent(baseWidth, forKey: .baseWidth)
        try container.encodeIfPresent(mu, forKey: .mu)
        if favourFirst { try container.encode(favourFirst, forKey: .favourFirst) }
        try container.encodeIfPresent(widths, forKey: .widths)
        try container.encodeIfPresent(lambda, forKey: .lambda)
        try container.encodeIfPresent(propagation, forKey: .propagation)
        try container.encodeIfPresent(temperature, forKey: .temperature)
        try container.encodeIfPresent(warmup, forKey: .warmup)
    }

    /// Throws `StrategyError.unknownStrategy` or `.invalidSpecification` with the first setting that is wrong.
    public func validate() throws(StrategyError) {
        guard StrategyRegistry.names.contains(name) else { throw StrategyRegistry.unknown(name) }
        do {
            try optimizer.validate()
            try schedule.validate(at: "strategy.schedule")
        } catch {
            throw StrategyError(.invalidSpecification, error.message)
        }
        try aggregator.validate()
        try validateBases()
        try validateMu()
        try validateWidths()
        try validatePropagation()
        guard aggregator.name.weightings.contains(weighting) else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.weighting: with \(aggregator.name.rawValue) every worker counts as much as any other; remove the "
                    + "key, or set it to uniform")
        }
    }

    /// Workers stay near the model that they are sent (Li et al., MLSys 2020).
    package static let fedProx = "fedprox"
    private static let defaultMu: [String: Float] = [fedProx: 0.01, fatProx: 1e-3]

    /// What the strategy adds to what each worker minimises.
    package var terms: [ObjectiveTerm] { mu.map { [.proximal(mu: $0)] } ?? [] }

    /// Batch normalisation stays with each worker, all else is averaged (Li et al., ICLR 2021).
    package static let fedBN = "fedbn"

    /// Whether scales, shifts and running statistics of batch normalisation stay with each worker.
    package var keepsNormalization: Bool { [Self.fedBN, Self.fatBN, Self.fedRBN].contains(name) }

    private func validateMu() throws(StrategyError) {
        guard let mu else { return }
        guard Self.defaultMu[name] != nil else {
            throw StrategyError(
                .invalidSpecification,
                "strategy.mu: only \(Self.fedProx) and \(Self.fatProx) have a proximal term of their own; remove the key or set "
                    + "strategy.name to one of them")
        }
        guard mu >= 0, mu.isFinite else {
            throw StrategyError(.invalidSpecification, "strategy.mu: must be 0 or more, not \(mu)")
        }
    }
}
