// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Which strategy runs the rounds, as a run file's `strategy` section says it.
///
/// In a run file: `strategy: { name: fedavg, optimizer: { name: adam, learningRate: 0.03 }, weighting: uniform }`.
/// `serverLearningRate: 0.5` is a short way to write `optimizer: { name: sgd, learningRate: 0.5 }`.
public struct StrategySpec: Hashable, Codable, Sendable {
    /// A name of the `StrategyRegistry`.
    public var name: String
    /// How the mean change becomes the next model.
    public var optimizer: ServerOptimizerSpec
    /// What the optimiser's learning rate is multiplied by, round by round.
    public var schedule: ScheduleSpec
    /// How much each worker counts in the mean.
    public var weighting: Weighting

    /// A specification with every default visible.
    public init(
        name: String = "fedavg", optimizer: ServerOptimizerSpec = ServerOptimizerSpec(),
        schedule: ScheduleSpec = ScheduleSpec(), weighting: Weighting = .examples
    ) {
        self.name = name
        self.optimizer = optimizer
        self.schedule = schedule
        self.weighting = weighting
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, serverLearningRate, optimizer, schedule, weighting
    }

    public init(from decoder: any Decoder) throws {
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
            weighting: try container.decodeIfPresent(Weighting.self, forKey: .weighting) ?? .examples)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(optimizer, forKey: .optimizer)
        try container.encode(schedule, forKey: .schedule)
        try container.encode(weighting, forKey: .weighting)
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
    }
}
