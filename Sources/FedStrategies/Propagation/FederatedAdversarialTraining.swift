// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Adversarial training by some of the workers, those that can afford it, while the others train as ever (Hong et al., AAAI
/// 2023, section 3).
public struct FederatedAdversarialTraining: Hashable, Sendable {
    /// How robustness gets to the others; nil where only the shared weights carry it (FATAvg, FATBN, FATProx).
    public let propagation: RobustnessPropagation?

    /// Adversarial training with the propagation of robustness, or without.
    public init(propagation: RobustnessPropagation? = nil) {
        self.propagation = propagation
    }

    /// What a worker minimises in `round` where `terms` say what those minimise that train adversarially.
    ///
    /// The others leave the attack out; those of them that know adversarial statistics, which were propagated to them, calibrate
    /// by them once the rounds without are over.
    public func objective(
        _ terms: [ObjectiveTerm], isAdversarial: Bool, knowsStatistics: Bool, in round: RoundID
    ) -> [ObjectiveTerm] {
        guard !isAdversarial else { return terms }
        let standard = terms.filter { if case .adversarial = $0 { false } else { true } }
        guard knowsStatistics, let propagation, propagation.calibrates(in: round) else { return standard }
        return standard + [.calibration(weight: propagation.lambda)]
    }
}
