// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Whether a worker trains adversarially, in runs of which only some workers do.
public enum AdversarialBudget: Hashable, Sendable {
    /// It does not.
    case never
    /// It does.
    case always
    /// It does once that would take no more than half of a round's time, as the training before shows, and until it takes more
    /// than three quarters of it.
    case measured

    /// Whether it trains adversarially from now on, where a training took `seconds`, which was adversarial if it
    /// `wasAdversarial`; `cost` is how many times as long that takes.
    package func isAdversarial(
        after seconds: Double, wasAdversarial: Bool, cost: Double, deadlineSeconds: Double
    ) -> Bool {
        switch self {
        case .never: false
        case .always: true
        case .measured:
            wasAdversarial ? seconds <= deadlineSeconds * 3 / 4 : seconds * cost <= deadlineSeconds / 2
        }
    }
}
