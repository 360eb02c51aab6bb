// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// The attacks that have names on command lines.
public enum NamedAttack: String, CaseIterable, Sendable {
    case pgd, apgd, fgsm

    /// The attack, of strength 8/255 for `linf` and 1/2 for `l2` unless `epsilon` says otherwise, from one random start and in as many
    /// steps as its method has by default where nothing else is said; `fgsm` is one step from the example itself.
    public func spec(epsilon: Float?, steps: Int?, norm: AttackSpec.Norm, restarts: Int?) -> AttackSpec {
        let strength = epsilon ?? (norm == .linf ? 8 / 255 : 0.5)
        var spec: AttackSpec =
            switch self {
            case .pgd: .pgd(epsilon: strength, steps: steps ?? AttackSpec.Method.pgd.defaultSteps)
            case .apgd: .apgd(epsilon: strength, steps: steps ?? AttackSpec.Method.apgd.defaultSteps)
            case .fgsm: .fgsm(epsilon: strength)
            }
        spec.norm = norm
        spec.restarts = restarts ?? 1
        return spec
    }
}
