// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Says of an example whether it was attacked, and so which branch of dual batch norms is to classify it.
///
/// A logistic regression on how unusual the example is to the clean branch and to the adversarial one, layer by layer. It is a part of the model: a few numbers, whatever the width.
public struct BranchDetector: Hashable, Codable, Sendable {
    /// The most features that a detector has.
    public static let maximumFeatures = 100_000

    /// One weight for each feature.
    public var weights: [Double]
    /// What is added to their weighted sum.
    public var offset: Double
    /// The attack that it was fitted to, in place of the attacks to come.
    public var attack: AttackSpec

    /// A detector of these weights.
    public init(weights: [Double], offset: Double, attack: AttackSpec) {
        self.weights = weights
        self.offset = offset
        self.attack = attack
    }

    /// The logit of the probability that an example with these features, as many as weights, was attacked.
    public func score(_ features: [Double]) -> Double {
        precondition(features.count == weights.count, "a weight for each feature")
        return zip(weights, features).reduce(offset) { $0 + $1.0 * $1.1 }
    }

    /// Whether an example with these features, as many as weights, is taken for attacked: more probably than not.
    public func detects(_ features: [Double]) -> Bool { score(features) > 0 }

    /// Throws `CoreError.invalidSpecification` for numbers that no detector has, as those of a damaged file may be.
    public func validate() throws(CoreError) {
        guard (1...Self.maximumFeatures).contains(weights.count), offset.isFinite, weights.allSatisfy(\.isFinite) else {
            throw CoreError(
                .invalidSpecification,
                "a detector has 1 to \(Self.maximumFeatures) weights, all of them finite, but the card has others")
        }
        try attack.validate(at: "detector.attack")
    }
}
