// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// One term of what a worker minimises; the objective is the sum of its terms.
///
/// In a run file: `objective: [{ term: cross-entropy }, { term: proximal, mu: 0.01 }]`.
public enum ObjectiveTerm: Hashable, Sendable {
    /// Softmax cross-entropy, the mean over the batch.
    case crossEntropy
    /// (μ/2)·‖θ − θ_base‖², which keeps a worker near the model it was sent (FedProx, Li et al. 2020, eq. 2).
    case proximal(mu: Float)
}

extension ObjectiveTerm: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case term, mu
    }

    package enum Term: String, Codable, CaseIterable {
        case crossEntropy = "cross-entropy"
        case proximal
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Term.self, forKey: .term) {
        case .crossEntropy: self = .crossEntropy
        case .proximal: self = .proximal(mu: try container.decode(Float.self, forKey: .mu))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .crossEntropy: try container.encode(Term.crossEntropy, forKey: .term)
        case .proximal(let mu):
            try container.encode(Term.proximal, forKey: .term)
            try container.encode(mu, forKey: .mu)
        }
    }
}
