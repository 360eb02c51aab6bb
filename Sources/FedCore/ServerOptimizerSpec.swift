// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The optimiser that makes the next model out of the aggregated change Δ, as a run file's `strategy.optimizer` section
/// says it.
///
/// Each rule has settings of its own (`Name.settings`); the others keep their defaults. The formulas are with the
/// implementations in FedStrategies.
public struct ServerOptimizerSpec: Hashable, Sendable {
    /// The rules.
    public enum Name: String, NamedChoice, Sendable {
        /// θ ← θ + ηΔ, with momentum if wanted.
        case sgd
        /// Steps divided by the root of a running mean of Δ² (Reddi et al., ICLR 2021).
        case adam
        /// The same with a mean of Δ² that changes by steps of bounded size.
        case yogi
        /// Steps divided by the root of the sum of Δ².
        case adagrad
    }

    /// Which rule to step by.
    public var name: Name
    /// η, above 0; a schedule multiplies it.
    public var learningRate: Float
    /// β of `sgd`, in [0, 1).
    public var momentum: Float
    /// Nesterov's form of the momentum: θ ← θ + η(Δ + βm).
    public var nesterov: Bool
    /// β₁ in [0, 1): the running mean of changes.
    public var beta1: Float
    /// β₂ in [0, 1): the running mean of squared changes.
    public var beta2: Float
    /// ε > 0, added to the root that a step is divided by (τ in the paper).
    public var epsilon: Float
    /// λ ≥ 0: θ ← (1 − ηλ)θ before the step.
    public var weightDecay: Float

    /// A rule with every default visible; nil takes the rule's: η = 1 for `sgd` and 0.01 for the others, β₁ = 0 for
    /// `adagrad` and 0.9 for the others.
    public init(
        name: Name = .sgd, learningRate: Float? = nil, momentum: Float = 0, nesterov: Bool = false,
        beta1: Float? = nil, beta2: Float = 0.99, epsilon: Float = 1e-3, weightDecay: Float = 0
    ) {
        self.name = name
        self.learningRate = learningRate ?? (name == .sgd ? 1 : 0.01)
        self.momentum = momentum
        self.nesterov = nesterov
        self.beta1 = beta1 ?? (name == .adagrad ? 0 : 0.9)
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

extension ServerOptimizerSpec.Name {
    /// The settings of the rule besides `name`.
    package var settings: [ServerOptimizerSpec.CodingKeys] {
        switch self {
        case .sgd: [.learningRate, .momentum, .nesterov, .weightDecay]
        case .adam, .yogi: [.learningRate, .beta1, .beta2, .epsilon, .weightDecay]
        case .adagrad: [.learningRate, .beta1, .epsilon, .weightDecay]
        }
    }

    /// Why `setting` cannot be set for this rule.
    fileprivate func refusal(of setting: ServerOptimizerSpec.CodingKeys) -> String {
        let owners = Self.allCases.filter { $0.settings.contains(setting) }.map(\.rawValue).joined(separator: ", ")
        return "\(rawValue) has no such setting (it belongs to \(owners)): remove it, or choose another optimizer.name"
    }
}

extension ServerOptimizerSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, learningRate, momentum, nesterov, beta1, beta2, epsilon, weightDecay
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decodeIfPresent(Name.self, forKey: .name) ?? .sgd
        for key in CodingKeys.allCases where key != .name && container.contains(key) && !name.settings.contains(key) {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: name.refusal(of: key))
        }
        let defaults = Self(name: name)
        func number(_ key: CodingKeys, _ value: Float) throws -> Float {
            try container.decodeIfPresent(Float.self, forKey: key) ?? value
        }
        self.init(
            name: name, learningRate: try number(.learningRate, defaults.learningRate),
            momentum: try number(.momentum, defaults.momentum),
            nesterov: try container.decodeIfPresent(Bool.self, forKey: .nesterov) ?? defaults.nesterov,
            beta1: try number(.beta1, defaults.beta1), beta2: try number(.beta2, defaults.beta2),
            epsilon: try number(.epsilon, defaults.epsilon), weightDecay: try number(.weightDecay, defaults.weightDecay)
        )
    }

    /// Writes the settings of the rule only.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        for key in name.settings {
            switch key {
            case .name: break
            case .learningRate: try container.encode(learningRate, forKey: key)
            case .momentum: try container.encode(momentum, forKey: key)
            case .nesterov: try container.encode(nesterov, forKey: key)
            case .beta1: try container.encode(beta1, forKey: key)
            case .beta2: try container.encode(beta2, forKey: key)
            case .epsilon: try container.encode(epsilon, forKey: key)
            case .weightDecay: try container.encode(weightDecay, forKey: key)
            }
        }
    }
}

extension ServerOptimizerSpec {
    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range or not of the rule.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "strategy.optimizer." + message()) }
        }
        let defaults = Self(name: name)
        for (key, isDefault) in [
            (CodingKeys.momentum, momentum == defaults.momentum), (.nesterov, nesterov == defaults.nesterov),
            (.beta1, beta1 == defaults.beta1), (.beta2, beta2 == defaults.beta2),
            (.epsilon, epsilon == defaults.epsilon),
        ] where !name.settings.contains(key) {
            try require(isDefault, "\(key.rawValue): \(name.refusal(of: key))")
        }
        try require(learningRate.isFinite && learningRate > 0, "learningRate: must be above 0, not \(learningRate)")
        try require(weightDecay.isFinite && weightDecay >= 0, "weightDecay: must be 0 or more, not \(weightDecay)")
        try require(epsilon.isFinite && epsilon > 0, "epsilon: must be above 0, not \(epsilon)")
        for (key, value) in [("momentum", momentum), ("beta1", beta1), ("beta2", beta2)] {
            try require((0..<1).contains(value), "\(key): must be in [0, 1), not \(value)")
        }
        try require(
            !nesterov || momentum > 0, "nesterov: it is a form of the momentum; set momentum above 0 or remove nesterov"
        )
    }
}
