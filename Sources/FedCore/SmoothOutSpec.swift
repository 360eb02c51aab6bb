// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Gradients taken beside the parameters, as a run file's `training.smoothOut` section says it (SmoothOut, Wen et al.
/// 2018).
///
/// Before each step the weights and biases θ, but not the parameters of normalisation layers, are moved to θ + u with u
/// uniform in (−a, a) for each entry; the gradient there moves θ itself. That minimises E_u L(θ + u), which flat minima
/// have low.
public struct SmoothOutSpec: Hashable, Codable, Sendable {
    /// What the noise is measured in.
    public enum Scaling: String, NamedChoice, Sendable {
        /// u is in (−a, a).
        case none
        /// u is in (−a|θ|, a|θ|), entry by entry.
        case magnitude
    }

    /// a, above 0.
    public var range: Float
    /// What the noise is measured in.
    public var scaling: Scaling

    /// Noise with every default visible.
    public init(range: Float, scaling: Scaling = .none) {
        self.range = range
        self.scaling = scaling
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case range, scaling
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            range: try container.decode(Float.self, forKey: .range),
            scaling: try container.decodeIfPresent(Scaling.self, forKey: .scaling) ?? .none)
    }
}
