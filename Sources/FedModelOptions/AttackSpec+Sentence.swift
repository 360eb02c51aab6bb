// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension AttackSpec {
    /// As in `linf, ε 0.0314, 7 steps`, or `apgd, linf, ε 0.0314, 100 steps`.
    public var sentence: String {
        let name = method == .pgd ? "" : "\(method.rawValue), "
        let starts = restarts > 1 ? ", \(restarts) starts" : ""
        return "\(name)\(norm.rawValue), ε \(epsilon), \(steps) step\(steps == 1 ? "" : "s")\(starts)"
    }
}
