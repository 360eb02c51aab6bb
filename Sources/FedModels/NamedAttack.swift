// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The attacks that have names on command lines.
public enum NamedAttack: String, CaseIterable, Sendable {
    case pgd, fgsm

    /// The attack, of strength 8/255 for `linf` and 1/2 for `l2` unless `epsilon` says otherwise, in 7 steps from one random start
    /// where it is PGD and nothing else is said.
    public func spec(epsilon: Float?, steps: Int?, norm: AttackSpec.Norm, restarts: Int?) -> AttackSpec {
        let strength = epsilon ?? (norm == .linf ? 8 / 255 : 0.5)
        var spec: AttackSpec =
            switch self {
            case .pgd: .pgd(epsilon: strength, steps: steps ?? 7)
            case .fgsm: .fgsm(epsilon: strength)
            }
        spec.norm = norm
        spec.restarts = restarts ?? 1
        return spec
    }
}
