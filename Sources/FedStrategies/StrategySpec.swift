// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which strategy runs the rounds, as a run file's `strategy` section says it.
///
/// In a run file: `strategy: { name: fedavg, serverLearningRate: 0.5 }`.
public struct StrategySpec: Hashable, Codable, Sendable {
    /// A name of the `StrategyRegistry`.
    public var name: String
    /// What the mean change is multiplied by before it is added to the model, above 0; 1 is plain averaging.
    public var serverLearningRate: Float

    /// A specification with every default visible.
    public init(name: String = "fedavg", serverLearningRate: Float = 1) {
        self.name = name
        self.serverLearningRate = serverLearningRate
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, serverLearningRate
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decodeIfPresent(String.self, forKey: .name) ?? "fedavg",
            serverLearningRate: try container.decodeIfPresent(Float.self, forKey: .serverLearningRate) ?? 1)
    }

    /// Throws `StrategyError.unknownStrategy` or `.invalidSpecification` with the first setting that is wrong.
    public func validate() throws(StrategyError) {
        guard StrategyRegistry.names.contains(name) else { throw StrategyRegistry.unknown(name) }
        guard serverLearningRate.isFinite, serverLearningRate > 0 else {
            throw StrategyError(
                .invalidSpecification, "strategy.serverLearningRate must be above 0, not \(serverLearningRate)")
        }
    }
}
