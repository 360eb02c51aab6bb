// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension LocalTrainingSpec {
    /// The term by which inputs are attacked; nil where none are.
    public var adversarialTerm: AdversarialTerm? {
        for case .adversarial(let term) in objective where term.weight > 0 { return term }
        return nil
    }

    /// Whether a worker that has trained so has statistics over attacked inputs.
    public var movesAdversarialStatistics: Bool { adversarialTerm != nil && (steps != 0 || statisticsPasses != nil) }

    /// Multiplications of training on an example once, in multiples of those of classifying it: 1 forward, 1 back to the inputs of
    /// each layer and 1 to its parameters in a pass that trains, the first 2 in a step of an attack, the first 1
    /// where only statistics are wanted.
    public var passCost: Int {
        for term in objective {
            switch term {
            case .adversarial(let term) where term.weight > 0:
                let strengths = term.combination == .mixed ? 1 : max(1, term.strengths.count)
                let attacked = 3 + 2 * term.attack.steps * term.attack.restarts
                return (term.weight < 1 ? 3 : 0) + strengths * attacked
            case .calibration(let weight) where weight > 0: return weight < 1 ? 6 : 4
            case .crossEntropy, .proximal, .adversarial, .calibration: break
            }
        }
        return 3
    }
}
