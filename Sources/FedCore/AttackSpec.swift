// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A search for inputs within a distance ε that the model gets wrong: projected gradient ascent of the loss.
///
/// FGSM (Goodfellow et al., ICLR 2015) is one step without a random start; PGD (Madry et al., ICLR 2018, eq. 3) several
/// with one; Auto-PGD (Croce and Hein, ICML 2020) finds the length of its steps by itself. Inputs stay in [0, 1]. In a run file:
/// `{ norm: linf, epsilon: 8/255, steps: 7 }`.
public struct AttackSpec: Hashable, Sendable {
    /// How the search ascends.
    public enum Method: String, NamedChoice, Sendable {
        /// Steps of one length (Madry et al., ICLR 2018, eq. 3).
        case pgd
        /// Steps with momentum, whose length is halved for each example on its own where they no longer help (Croce and Hein,
        /// ICML 2020, algorithm 1): for evaluation, not for training.
        case apgd

        /// How many steps it takes where nothing else is said.
        public var defaultSteps: Int {
            switch self {
            case .pgd: 7
            case .apgd: 100
            }
        }
    }

    /// What distances are measured in.
    public enum Norm: String, NamedChoice, Sendable {
        /// The largest change of a value; a step moves by the sign of the gradient.
        case linf
        /// The root of the sum of squared changes; a step moves along the normalised gradient.
        case l2
    }

    /// How the search ascends.
    public var method: Method
    /// What distances are measured in.
    public var norm: Norm
    /// ε, how far an input may be moved: in [0, 1] for `linf`, in [0, 1000] for `l2`.
    public var epsilon: Float
    /// Steps of ascent, 0 to 10000; 0 leaves the (random) start.
    public var steps: Int
    /// The length of a step, above 0; nil takes that of `stepSize(for:)`, and `apgd` has no other.
    public var stepSize: Float?
    /// Whether to start at a random place within ε instead of at the input itself.
    public var randomStart: Bool
    /// How often to start, 1 to 1000; the worst result of an input counts.
    public var restarts: Int

    /// An attack with every default visible.
    public init(
        method: Method = .pgd, norm: Norm = .linf, epsilon: Float, steps: Int = 7, stepSize: Float? = nil,
        randomStart: Bool = true, restarts: Int = 1
    ) {
        self.method = method
        self.norm = norm
        self.epsilon = epsilon
        self.steps = steps
        self.stepSize = stepSize
        self.randomStart = randomStart
        self.restarts = restarts
    }

    /// One step of ε along the sign of the gradient (Goodfellow et al., ICLR 2015).
    public static func fgsm(epsilon: Float) -> AttackSpec {
        AttackSpec(epsilon: epsilon, steps: 1, stepSize: epsilon > 0 ? epsilon : nil, randomStart: false)
    }

    /// Steps of `stepSize(for:)` from a random start (Madry et al., ICLR 2018).
    public static func pgd(epsilon: Float, steps: Int) -> AttackSpec {
        AttackSpec(epsilon: epsilon, steps: steps)
    }

    /// Auto-PGD from a random start (Croce and Hein, ICML 2020).
    public static func apgd(epsilon: Float, steps: Int = Method.apgd.defaultSteps) -> AttackSpec {
        AttackSpec(method: .apgd, epsilon: epsilon, steps: steps)
    }

    /// The length of a step of this attack at the strength `epsilon`: `stepSize`, or by default
    /// min(1.25ε, ε + 4/255) / steps, the rule of Split-Mix (Hong et al., ICLR 2022); of `apgd` the first one, 2ε.
    public func stepSize(for epsilon: Float) -> Float {
        switch method {
        case .pgd: stepSize ?? min(1.25 * epsilon, epsilon + 4 / 255) / Float(max(1, steps))
        case .apgd: 2 * epsilon
        }
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range; `path` is where the
    /// attack stands in the run file.
    public func validate(at path: String) throws(CoreError) {
        func require(_ condition: Bool, _ message: String) throws(CoreError) {
            guard condition else { throw CoreError(.invalidSpecification, "\(path).\(message)") }
        }
        try require(
            norm.strengths.contains(epsilon),
            "epsilon: must be 0 to \(Int(norm.strengths.upperBound)) for \(norm.rawValue), not \(epsilon)")
        try require((0...10_000).contains(steps), "steps: must be 0 to 10000, not \(steps)")
        if let stepSize {
            try require(method != .apgd, "stepSize: apgd finds the length of its steps by itself; leave it out")
            try require(stepSize.isFinite && stepSize > 0, "stepSize: must be above 0, not \(stepSize)")
        }
        try require((1...1000).contains(restarts), "restarts: must be 1 to 1000, not \(restarts)")
        try require(
            steps * restarts <= 100_000,
            "steps times restarts must be at most 100000, not \(steps * restarts): an attack cannot be interrupted")
        try require(
            restarts == 1 || randomStart, "restarts: without randomStart all starts are the same; set restarts to 1")
    }
}

extension AttackSpec.Norm {
    /// The strengths that make sense for inputs in [0, 1].
    package var strengths: ClosedRange<Float> {
        switch self {
        case .linf: 0...1
        case .l2: 0...1000
        }
    }
}

extension AttackSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case method, norm, epsilon, steps, stepSize, randomStart, restarts
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let method = try container.decodeIfPresent(Method.self, forKey: .method) ?? .pgd
        self.init(
            method: method,
            norm: try container.decodeIfPresent(Norm.self, forKey: .norm) ?? .linf,
            epsilon: try container.decodeFraction(forKey: .epsilon),
            steps: try container.decodeIfPresent(Int.self, forKey: .steps) ?? method.defaultSteps,
            stepSize: try container.decodeFractionIfPresent(forKey: .stepSize),
            randomStart: try container.decodeIfPresent(Bool.self, forKey: .randomStart) ?? true,
            restarts: try container.decodeIfPresent(Int.self, forKey: .restarts) ?? 1)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        // Left out where it says nothing, as in runs that were begun before there was such a key.
        if method != .pgd { try container.encode(method, forKey: .method) }
        try container.encode(norm, forKey: .norm)
        try container.encode(epsilon, forKey: .epsilon)
        try container.encode(steps, forKey: .steps)
        try container.encodeIfPresent(stepSize, forKey: .stepSize)
        try container.encode(randomStart, forKey: .randomStart)
        try container.encode(restarts, forKey: .restarts)
    }
}
