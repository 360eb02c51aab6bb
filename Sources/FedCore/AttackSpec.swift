// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A search for inputs within a distance ε that the model gets wrong: projected gradient ascent of the loss.
///
/// FGSM (Goodfellow et al., ICLR 2015) is one step without a random start; PGD (Madry et al., ICLR 2018, eq. 3) several
/// with one. Inputs stay in [0, 1]. In a run file: `{ norm: linf, epsilon: 8/255, steps: 7 }`.
public struct AttackSpec: Hashable, Sendable {
    /// What distances are measured in.
    public enum Norm: String, NamedChoice, Sendable {
        /// The largest change of a value; a step moves by the sign of the gradient.
        case linf
        /// The root of the sum of squared changes; a step moves along the normalised gradient.
        case l2
    }

    /// What distances are measured in.
    public var norm: Norm
    /// ε, how far an input may be moved: in [0, 1] for `linf`, in [0, 1000] for `l2`.
    public var epsilon: Float
    /// Steps of ascent, 0 to 10000; 0 leaves the (random) start.
    public var steps: Int
    /// The length of a step, above 0; nil takes `defaultStepSize`.
    public var stepSize: Float?
    /// Whether to start at a random place within ε instead of at the input itself.
    public var randomStart: Bool
    /// How often to start, 1 to 1000; the worst result of an input counts.
    public var restarts: Int

    /// An attack with every default visible.
    public init(
        norm: Norm = .linf, epsilon: Float, steps: Int = 7, stepSize: Float? = nil, randomStart: Bool = true,
        restarts: Int = 1
    ) {
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

    /// Steps of `defaultStepSize` from a random start (Madry et al., ICLR 2018).
    public static func pgd(epsilon: Float, steps: Int) -> AttackSpec {
        AttackSpec(epsilon: epsilon, steps: steps)
    }

    /// The length of a step of this attack at the strength `epsilon`: `stepSize`, or by default
    /// min(1.25ε, ε + 4/255) / steps, the rule of Split-Mix (Hong et al., ICLR 2022).
    public func stepSize(for epsilon: Float) -> Float {
        stepSize ?? min(1.25 * epsilon, epsilon + 4 / 255) / Float(max(1, steps))
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
        case norm, epsilon, steps, stepSize, randomStart, restarts
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            norm: try container.decodeIfPresent(Norm.self, forKey: .norm) ?? .linf,
            epsilon: try container.decodeFraction(forKey: .epsilon),
            steps: try container.decodeIfPresent(Int.self, forKey: .steps) ?? 7,
            stepSize: try container.decodeFractionIfPresent(forKey: .stepSize),
            randomStart: try container.decodeIfPresent(Bool.self, forKey: .randomStart) ?? true,
            restarts: try container.decodeIfPresent(Int.self, forKey: .restarts) ?? 1)
    }
}
