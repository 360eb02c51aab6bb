// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The optimiser that a worker steps with, as a run file's `training.optimizer` section says it.
///
/// Each rule has settings of its own (`Name.settings`); the others keep their defaults. The formulas are with the
/// implementations.
public struct OptimizerSpec: Hashable, Sendable {
    /// The optimisers a worker can step with.
    public enum Name: String, NamedChoice, Sendable {
        /// Stochastic gradient descent, with momentum in the form v ← γv + g, θ ← θ − ηv.
        case sgd
        /// Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).
        case adamw
        /// Quasi-hyperbolic momentum (Ma and Yarats, ICLR 2019).
        case qhm
        /// Steps divided by the root of the sum of squares (Duchi et al., JMLR 2011).
        case adagrad
        /// Steps divided by the root of a running mean of squares (Tieleman and Hinton 2012).
        case rmsprop
    }

    /// What a worker's optimiser begins a round with.
    public enum Persistence: String, NamedChoice, Sendable {
        /// Nothing: every round starts without history.
        case fresh
        /// What it had at the end of the worker's last round (momentum that lives across rounds: Sattler et al. 2018).
        case kept
    }

    /// Which rule to step by.
    public var name: Name
    /// η, above 0; a schedule multiplies it.
    public var learningRate: Float
    /// γ (β of `qhm`) in [0, 1).
    public var momentum: Float
    /// Nesterov's form of the momentum: θ ← θ − η(g + γv).
    public var nesterov: Bool
    /// λ ≥ 0.
    public var weightDecay: Float
    /// θ ← (1 − ηλ)θ before the step, where false adds λθ to the gradient; always true for `adamw`.
    public var decoupled: Bool
    /// β₁ in [0, 1): the running mean of gradients.
    public var beta1: Float
    /// β₂ in [0, 1): the running mean of squared gradients.
    public var beta2: Float
    /// ε > 0, added to the root that a step is divided by.
    public var epsilon: Float
    /// ν in [0, 1]: the share of the momentum in a step of `qhm`.
    public var nu: Float
    /// ρ in [0, 1): the smoothing of `rmsprop`, which is called decay or α elsewhere.
    public var rho: Float
    /// What a round begins with.
    public var state: Persistence

    /// An optimiser with every default visible; nil takes the rule's: a momentum of 0.999 for `qhm` and 0 for the
    /// others, decoupled decay for `adamw` only.
    public init(
        name: Name = .sgd, learningRate: Float, momentum: Float? = nil, nesterov: Bool = false, weightDecay: Float = 0,
        decoupled: Bool? = nil, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, nu: Float = 0.7,
        rho: Float = 0.99, state: Persistence = .fresh
    ) {
        self.name = name
        self.learningRate = learningRate
        self.momentum = momentum ?? (name == .qhm ? 0.999 : 0)
        self.nesterov = nesterov
        self.weightDecay = weightDecay
        self.decoupled = decoupled ?? (name == .adamw)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.nu = nu
        self.rho = rho
        self.state = state
    }
}

extension OptimizerSpec.Name {
    /// The settings of the rule besides `name` and `learningRate`.
    package var settings: [OptimizerSpec.CodingKeys] {
        switch self {
        case .sgd: [.momentum, .nesterov, .weightDecay, .decoupled, .state]
        case .adamw: [.beta1, .beta2, .epsilon, .weightDecay, .state]
        case .qhm: [.momentum, .nu, .weightDecay, .decoupled, .state]
        case .adagrad: [.epsilon, .weightDecay, .decoupled, .state]
        case .rmsprop: [.rho, .epsilon, .momentum, .weightDecay, .decoupled, .state]
        }
    }

    /// Why `setting` cannot be set for this rule.
    fileprivate func refusal(of setting: OptimizerSpec.CodingKeys) -> String {
        let owners = Self.allCases.filter { $0.settings.contains(setting) }.map(\.rawValue).joined(separator: ", ")
        let reason = self == .adamw && setting == .decoupled ? "adamw always decouples it" : "it belongs to \(owners)"
        return "\(rawValue) has no such setting (\(reason)): remove it, or choose another optimizer.name"
    }
}

extension OptimizerSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, learningRate, momentum, nesterov, weightDecay, decoupled, beta1, beta2, epsilon, nu, rho,
            state
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decodeIfPresent(Name.self, forKey: .name) ?? .sgd
        for key in CodingKeys.allCases
        where key != .name && key != .learningRate && container.contains(key) && !name.settings.contains(key) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: name.refusal(of: key))
        }
        let defaults = Self(name: name, learningRate: try container.decode(Float.self, forKey: .learningRate))
        func number(_ key: CodingKeys, _ value: Float) throws -> Float {
            try container.decodeIfPresent(Float.self, forKey: key) ?? value
        }
        self.init(
            name: name, learningRate: defaults.learningRate, momentum: try number(.momentum, defaults.momentum),
            nesterov: try container.decodeIfPresent(Bool.self, forKey: .nesterov) ?? defaults.nesterov,
            weightDecay: try number(.weightDecay, defaults.weightDecay),
            decoupled: try container.decodeIfPresent(Bool.self, forKey: .decoupled) ?? defaults.decoupled,
            beta1: try number(.beta1, defaults.beta1), beta2: try number(.beta2, defaults.beta2),
            epsilon: try number(.epsilon, defaults.epsilon), nu: try number(.nu, defaults.nu),
            rho: try number(.rho, defaults.rho),
            state: try container.decodeIfPresent(Persistence.self, forKey: .state) ?? defaults.state)
    }

    /// Writes the settings of the rule only.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(learningRate, forKey: .learningRate)
        for key in name.settings {
            switch key {
            case .name, .learningRate: break
            case .momentum: try container.encode(momentum, forKey: key)
            case .nesterov: try container.encode(nesterov, forKey: key)
            case .weightDecay: try container.encode(weightDecay, forKey: key)
            case .decoupled: try container.encode(decoupled, forKey: key)
            case .beta1: try container.encode(beta1, forKey: key)
            case .beta2: try container.encode(beta2, forKey: key)
            case .epsilon: try container.encode(epsilon, forKey: key)
            case .nu: try container.encode(nu, forKey: key)
            case .rho: try container.encode(rho, forKey: key)
            case .state: try container.encode(state, forKey: key)
            }
        }
    }
}

extension OptimizerSpec {
    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range or not of the rule.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "training.optimizer." + message()) }
        }
        let defaults = Self(name: name, learningRate: learningRate)
        for setting in CodingKeys.allCases where !name.settings.contains(setting) {
            try require(isEqual(to: defaults, in: setting), "\(setting.rawValue): \(name.refusal(of: setting))")
        }
        try require(
            learningRate.isFinite && learningRate > 0, "learningRate: must be above 0, not \(learningRate)")
        try require(
            weightDecay.isFinite && weightDecay >= 0, "weightDecay: must be 0 or more, not \(weightDecay)")
        try require(epsilon.isFinite && epsilon > 0, "epsilon: must be above 0, not \(epsilon)")
        try require((0...1).contains(nu), "nu: must be in [0, 1], not \(nu)")
        for (key, value) in [("momentum", momentum), ("beta1", beta1), ("beta2", beta2), ("rho", rho)] {
            try require((0..<1).contains(value), "\(key): must be in [0, 1), not \(value)")
        }
        try require(
            !nesterov || momentum > 0, "nesterov: it is a form of the momentum; set momentum above 0 or remove nesterov"
        )
        try require(
            state == .fresh || !quantities.isEmpty,
            "state: \(name.rawValue) without momentum has nothing to keep; set momentum above 0 or remove state")
    }

    private func isEqual(to other: Self, in setting: CodingKeys) -> Bool {
        switch setting {
        case .name, .learningRate: true
        case .momentum: momentum == other.momentum
        case .nesterov: nesterov == other.nesterov
        case .weightDecay: weightDecay == other.weightDecay
        case .decoupled: decoupled == other.decoupled
        case .beta1: beta1 == other.beta1
        case .beta2: beta2 == other.beta2
        case .epsilon: epsilon == other.epsilon
        case .nu: nu == other.nu
        case .rho: rho == other.rho
        case .state: state == other.state
        }
    }
}
