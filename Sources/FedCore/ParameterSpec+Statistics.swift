// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension ParameterSpec {
    /// Whether the values are running variances, which are never below 0.
    package var isVariance: Bool { role.isStatistics && name.hasSuffix(".running_var") }
}
