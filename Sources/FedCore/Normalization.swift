// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What the batch normalisation layers of a network hold.
public enum Normalization: String, NamedChoice, Sendable {
    /// One set of running statistics, one scale and shift.
    case batch
    /// Two sets of running statistics, for clean and for adversarial inputs, and one scale and shift for both
    /// (FedRBN, Hong et al., AAAI 2023).
    case dualShared = "dual-shared"
    /// Two sets of running statistics, each with its own scale and shift (Split-Mix, Hong et al., ICLR 2022).
    case dualSeparate = "dual-separate"

    /// Whether there are two sets of statistics.
    public var isDual: Bool { self != .batch }
}
