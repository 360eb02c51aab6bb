// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// The cross-entropy on attacked inputs as a term of the objective.
///
/// With it the objective is (1 − λ)·CE(x) + λ·CE(x̃), where x̃ comes from the attack (Madry et al., ICLR 2018; the form
/// with two terms: Split-Mix, Hong et al., ICLR 2022).
public struct AdversarialTerm: Hashable, Sendable {
    /// What several strengths mean (multi-strength adversarial training).
    public enum Combination: String, NamedChoice, Sendable {
        /// Each batch is attacked with one strength, drawn uniformly.
        case mixed
        /// Each batch is attacked with every strength, and the mean of the losses counts: the same gradient in
        /// expectation with less noise, for as many times the work.
        case parallel
    }

    /// How x̃ is found.
    public var attack: AttackSpec
    /// λ in [0, 1].
    public var weight: Float
    /// Values of ε that take the place of `attack.epsilon`, at most 64; empty for that one.
    public var strengths: [Float]
    /// What several strengths mean.
    public var combination: Combination

    /// A term with every default visible.
    public init(
        attack: AttackSpec, weight: Float = 0.5, strengths: [Float] = [], combination: Combination = .mixed
    ) {
        self.attack = attack
        self.weight = weight
        self.strengths = strengths
        self.combination = combination
    }

    /// Throws `CoreError.invalidSpecification` with the first setting that is out of its range.
    public func validate() throws(CoreError) {
        func require(_ condition: Bool, _ message: String) throws(CoreError) {
            guard condition else {
                throw CoreError(.invalidSpecification, "training.objective: adversarial." + message)
            }
        }
        try attack.validate(at: "training.objective: adversarial.attack")
        try require(
            attack.method == .pgd,
            "attack.method: \(attack.method.rawValue) is for evaluation; train with pgd, in few steps")
        try require((0...1).contains(weight), "weight: must be in [0, 1], not \(weight)")
        try require(strengths.count <= 64, "strengths: at most 64, not \(strengths.count)")
        for strength in strengths {
            try require(
                attack.norm.strengths.contains(strength),
                "strengths: must be 0 to \(Int(attack.norm.strengths.upperBound)) for \(attack.norm.rawValue), not "
                    + "\(strength)")
        }
    }
}

extension AdversarialTerm: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case attack, weight, strengths, combination
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            attack: try container.decode(AttackSpec.self, forKey: .attack),
            weight: try container.decodeIfPresent(Float.self, forKey: .weight) ?? 0.5,
            strengths: try container.decodeFractionsIfPresent(forKey: .strengths) ?? [],
            combination: try container.decodeIfPresent(Combination.self, forKey: .combination) ?? .mixed)
    }
}
