// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// One term of what a worker minimises; the objective is the sum of its terms.
///
/// In a run file: `objective: [{ term: cross-entropy, labelSmoothing: 0.1 }, { term: proximal, mu: 0.01 },
/// { term: adversarial, weight: 0.5, attack: { norm: linf, epsilon: 8/255, steps: 7 } }]`.
public enum ObjectiveTerm: Hashable, Sendable {
    /// Softmax cross-entropy, the mean over the batch; every objective has it once.
    ///
    /// `labelSmoothing` s in [0, 1) makes the target (1 − s)·[c is the label] + s/classes (Szegedy et al., CVPR 2016,
    /// section 7). `masked` multiplies the logits of classes that no example of the *batch* has by 0, so that a worker
    /// that lacks a class does not push it down (Split-Mix, Hong et al., ICLR 2022); the two do not go together.
    case crossEntropy(labelSmoothing: Float = 0, masked: Bool = false)
    /// (μ/2)·‖θ − θ_base‖², which keeps a worker near the model it was sent (FedProx, Li et al. 2020, eq. 2).
    case proximal(mu: Float)
    /// Cross-entropy on attacked inputs, which takes its weight from the clean one; at most once.
    case adversarial(AdversarialTerm)
    /// Cross-entropy on clean inputs through the adversarial branch of a dual batch norm, whose statistics stay as they
    /// are, with `weight` λ in [0, 1], which it takes from the ordinary one: for workers that do not attack themselves
    /// (pseudo-noise calibration, FedRBN, Hong et al., AAAI 2023). At most once, and not together with `adversarial`.
    case calibration(weight: Float)
}

extension ObjectiveTerm: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case term, labelSmoothing, masked, mu, weight
    }

    package enum Term: String, NamedChoice {
        case crossEntropy = "cross-entropy"
        case proximal, adversarial, calibration
    }

    /// The keys of any term.
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let term = try container.decode(Term.self, forKey: .term)
        let settings =
            switch term {
            case .crossEntropy: [CodingKeys.labelSmoothing.rawValue, CodingKeys.masked.rawValue]
            case .proximal: [CodingKeys.mu.rawValue]
            case .adversarial: AdversarialTerm.CodingKeys.allCases.map(\.rawValue)
            case .calibration: [CodingKeys.weight.rawValue]
            }
        let all = try decoder.container(keyedBy: AnyKey.self)
        for key in all.allKeys where key.stringValue != "term" && !settings.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: all,
                debugDescription: "the term \(term.rawValue) has no such setting (it takes "
                    + "\(settings.joined(separator: ", "))): remove it")
        }
        switch term {
        case .crossEntropy:
            self = .crossEntropy(
                labelSmoothing: try container.decodeIfPresent(Float.self, forKey: .labelSmoothing) ?? 0,
                masked: try container.decodeIfPresent(Bool.self, forKey: .masked) ?? false)
        case .proximal: self = .proximal(mu: try container.decode(Float.self, forKey: .mu))
        case .adversarial: self = .adversarial(try AdversarialTerm(from: decoder))
        case .calibration: self = .calibration(weight: try container.decode(Float.self, forKey: .weight))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .crossEntropy(let labelSmoothing, let masked):
            try container.encode(Term.crossEntropy, forKey: .term)
            if labelSmoothing != 0 { try container.encode(labelSmoothing, forKey: .labelSmoothing) }
            if masked { try container.encode(masked, forKey: .masked) }
        case .proximal(let mu):
            try container.encode(Term.proximal, forKey: .term)
            try container.encode(mu, forKey: .mu)
        case .adversarial(let adversarial):
            try container.encode(Term.adversarial, forKey: .term)
            try adversarial.encode(to: encoder)
        case .calibration(let weight):
            try container.encode(Term.calibration, forKey: .term)
            try container.encode(weight, forKey: .weight)
        }
    }
}
